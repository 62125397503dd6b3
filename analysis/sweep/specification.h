// A sweep's specification, as written by a person: read strictly, every problem with line and
// column and before anything runs. README.md has the format.
#pragma once

#include <string>

#include "analysis/sweep/space.h"
#include "describe/document.h"

namespace svasim::sweep {

class specification {
 public:
  /// Throws base::input_error for a file that is no JSON, or lacks what names platform and input.
  static specification from_file(const std::string& path);
  static specification from_text(const std::string& text, const std::string& name);

  const std::string& name() const { return m_name; }
  const std::string& description() const { return m_description; }
  /// Files as the program opens them: relative names are seen from the specification's folder.
  const std::string& platform() const { return m_platform; }
  const std::string& workload() const { return m_workload; }  ///< empty where there is a trace
  const std::string& trace() const { return m_trace; }

  /// Everything else, against the parameters of platform and workload. Throws base::input_error
  /// with every problem.
  space resolve(const parameter_table& parameters) const;

 private:
  explicit specification(describe::document d);

  describe::document m_document;
  std::string m_name, m_description, m_platform, m_workload, m_trace;
};

}  // namespace svasim::sweep
