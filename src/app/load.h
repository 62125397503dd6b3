// What several subcommands need: a platform file with its overrides, a trace or workload by name.
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "describe/document.h"
#include "platforms/platform_params.h"
#include "trace/record.h"

namespace svasim::app {

struct loaded_platform {
  platforms::platform_params params;
  std::map<std::string, std::string> provenance;  ///< dotted path -> where the value comes from
};

/// Throws base::input_error with every problem of the file and the overrides.
loaded_platform load_platform(const std::string& file, const std::vector<std::string>& sets);
/// The same of a document that was read from `file`.
loaded_platform load_platform(const describe::document& d, const std::string& file);

/// Exactly one of the two must be given. Throws base::input_error.
std::unique_ptr<trace::source> load_source(const std::string& trace, const std::string& workload);

/// Whether a trace is one of a virtio-iommu, whose requests a run makes anew.
bool has_requests(const trace::summary& about);

/// `work()`, where what is thrown against an input without a name gets the name of its file; none
/// is added where `file` is empty.
void with_file_name(const std::string& file, const std::function<void()>& work);

/// The file's name without directories.
std::string base_name(const std::string& path);

}  // namespace svasim::app
