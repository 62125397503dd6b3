#include "app/run_output.h"

#include <fmt/format.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <cstring>

#include "analysis/report.h"
#include "base/error.h"
#include "base/file.h"

namespace svasim::app {

// The report stands under another name until the result is there.
void write_outputs(const std::string& directory, const std::string& result_text,
                   const analysis::result& parsed) {
  const std::string report = directory + "/report.html";
  const std::string suffix = fmt::format(".tmp.{}", ::getpid());
  const std::string waiting = report + suffix;
  try {
    base::write_file_atomically(waiting, analysis::report_html(parsed));
    base::write_file_atomically(directory + "/result.json", result_text);
    if (std::rename(waiting.c_str(), report.c_str()) != 0) {
      throw base::input_error("cannot write " + report + ": " + std::strerror(errno));
    }
  } catch (const base::input_error& e) {
    ::unlink(waiting.c_str());
    std::string text = e.what();
    const std::size_t at = text.find(suffix);
    if (at != std::string::npos) text.erase(at, suffix.size());
    throw base::input_error(text);
  }
}

}  // namespace svasim::app
