// One platform file and one input, run again and again with other parameters: what a sweep and the
// search for sizes have in common. Files are read once, before the first run.
#pragma once

#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "analysis/sweep/parameter.h"
#include "app/load.h"
#include "describe/document.h"
#include "trace/record.h"

namespace svasim::app {

class point_model {
 public:
  using settings = std::vector<std::pair<std::string, sweep::value>>;

  /// Exactly one of `workload` and `trace` is a file, the other empty. Throws base::input_error.
  point_model(const std::string& platform, const std::string& workload, const std::string& trace);

  /// Of the platform, and with the prefix "workload." of the workload.
  const sweep::parameter_table& parameters() const { return m_parameters; }
  const std::string& platform_name() const { return m_platform_name; }
  const char* input_kind() const { return m_records ? "trace" : "workload"; }
  const std::string& input_name() const { return m_input_name; }
  /// The trace is a virtio-iommu log, whose requests are served by software.
  bool is_request_log() const;
  /// The trace from its beginning, or the workload with `s`.
  std::unique_ptr<trace::source> source(const settings& s) const;

  /// A text that is the same exactly where the result is. Throws base::input_error where `s` makes
  /// a platform or workload that breaks a rule.
  std::string identity(const settings& s) const;
  /// The result.json of `svasim run` with these settings. Simulates here and now: once a process.
  /// Throws as platforms::platform does, and std::runtime_error where requests went elsewhere than
  /// in the trace.
  std::string result_text(const settings& s) const;
  /// The effective parameters of the platform with `s`.
  nlohmann::json effective(const settings& s) const;

 private:
  loaded_platform load(const settings& s) const;
  std::string simulate(const settings& s) const;

  std::string m_platform_file, m_platform_name, m_trace_file, m_input_name;
  describe::document m_platform;
  std::unique_ptr<describe::document> m_workload;  ///< null for a trace
  struct recording;
  std::shared_ptr<const recording> m_records;  ///< null for a workload
  sweep::parameter_table m_parameters;
};

}  // namespace svasim::app
