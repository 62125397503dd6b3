// The file of `svasim run --timeline`: connects a platform's observer, its timeline and the file.
#pragma once

#include <exception>
#include <memory>
#include <optional>
#include <string>

#include "platforms/platform.h"
#include "platforms/timeline.h"
#include "workloads/output_file.h"

namespace svasim::app {

class run_timeline {
 public:
  /// Throws base::input_error where `file` cannot be written.
  explicit run_timeline(const std::string& file) : m_file(file) {}

  /// Draw every `every`th request of `p`, which must not outlive this; before it runs.
  void watch(platforms::platform& p, std::uint64_t every, const std::string& name);
  /// The run is over: the file gets its name. Throws base::input_error for what could not be
  /// written.
  void finish();
  /// "120 requests drawn in FILE"
  std::string summary() const;

 private:
  workloads::output_file m_file;
  std::optional<platforms::timeline> m_timeline;
  std::exception_ptr m_failure;  // the kernel hands on no more than its text
};

}  // namespace svasim::app
