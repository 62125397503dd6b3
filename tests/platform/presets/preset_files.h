// The platform files of the repository, for the tests of what they say.
#pragma once

#include <string>
#include <vector>

#include "describe/document.h"
#include "describe/reader.h"
#include "platforms/platform_params.h"

namespace svasim::platforms::test {

/// Every platforms/*.json, sorted. Throws std::runtime_error where there are none.
std::vector<std::string> presets();
/// Every platforms/parts/*.json, sorted. Throws std::runtime_error where there are none.
std::vector<std::string> parts();
/// The path of platforms/`name`.json.
std::string preset(const std::string& name);

/// A file read into a struct of parameters. Throws base::input_error.
template <class Params>
Params read_file(const std::string& path) {
  Params p;
  describe::read_into(describe::document::from_file(path), p);
  return p;
}

}  // namespace svasim::platforms::test
