// The file of `svasim run --timeline`: connects a platform's observer, or the faults of an SVA
// platform, with their timeline and the file.
#pragma once

#include <exception>
#include <memory>
#include <optional>
#include <string>

#include "platforms/platform.h"
#include "platforms/sva/fault_timeline.h"
#include "platforms/timeline.h"
#include "workloads/output_file.h"

namespace svasim::app {

class run_timeline {
 public:
  /// Throws base::input_error where `file` cannot be written.
  explicit run_timeline(const std::string& file) : m_file(file) {}

  /// Draw every `every`th request of `p`, which must not outlive this; before it runs.
  void watch(platforms::platform& p, std::uint64_t every, const std::string& name);
  /// The same of every `every`th fault of `p`. Throws base::input_error where its variant has none.
  void watch(platforms::sva_platform& p, std::uint64_t every, const std::string& name);
  /// The run is over: the file gets its name. Throws base::input_error for what could not be
  /// written.
  void finish();
  /// "120 requests in the timeline", or faults
  std::string summary() const;

 private:
  platforms::track_events::sink sink();

  workloads::output_file m_file;
  std::optional<platforms::timeline> m_timeline;
  std::optional<platforms::fault_timeline> m_faults;
  std::exception_ptr m_failure;  // the kernel hands on no more than its text
};

}  // namespace svasim::app
