// The scenarios of a file, for tests.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "platforms/scenario/reader.h"
#include "workloads/decoder.h"

namespace svasim::test {

/// A reader of text that is at hand. `name` is the file's in messages.
inline scenario::reader read_text(const std::string& name, std::string text) {
  return {name, [text = std::move(text), at = std::size_t{0}](char* out, std::size_t n) mutable {
            const std::size_t got = text.copy(out, n, at);
            at += got;
            return got;
          }};
}

/// All cases of a file, plain or compressed, in order.
inline std::vector<scenario::scenario> load_scenarios(const std::string& path) {
  const std::shared_ptr<workloads::decoder> in = workloads::open_decoder(path);
  scenario::reader reader(path, [in](char* out, std::size_t n) { return in->read(out, n); });
  std::vector<scenario::scenario> all;
  for (scenario::scenario s; reader.next(s);) all.push_back(std::move(s));
  return all;
}

}  // namespace svasim::test
