// The files of a sweep's points: results, and why some have none. Every file is whole or not there,
// so that a process killed at any moment leaves nothing to mend.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "analysis/sweep/plan.h"

namespace svasim::sweep {

struct failure {
  int exit = 0;         ///< exit code; 0 where a signal ended the process
  int signal = 0;       ///< 0 where the process ended by itself
  std::string message;  ///< what the process said, as it is
  std::string label;    ///< of the point

  /// One line: "exit 1: the run is stuck ...", "killed by signal 9".
  std::string text() const;
};

class point_store {
 public:
  /// Makes DIR/points and DIR/failures. Throws base::input_error.
  explicit point_store(std::string directory);
  /// For reading: makes nothing.
  static point_store existing(std::string directory);

  const std::string& directory() const { return m_directory; }
  std::string result_file(const std::string& name) const;
  bool has_result(const std::string& name) const;
  /// Of `p`, in its order, those without a result.
  std::vector<const plan_point*> missing(const plan& p) const;

  void write_plan(const plan& p) const;
  void write_result(const std::string& name, const std::string& text) const;
  void write_failure(const std::string& name, const failure& f) const;
  void remove_failure(const std::string& name) const;
  /// Empty where none is recorded. Throws base::input_error for a damaged file.
  std::optional<failure> failure_of(const std::string& name) const;
  /// Temporary files of processes that were killed. Only when no process writes here any more.
  void remove_leftovers() const;

 private:
  struct no_making {};
  point_store(std::string directory, no_making) : m_directory(std::move(directory)) {}
  std::string failure_file(const std::string& name) const;

  std::string m_directory;
};

}  // namespace svasim::sweep
