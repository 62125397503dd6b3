#include "validate/experiment.h"

#include <tuple>

#include "validate/benches.h"
#include "validate/run_experiment.h"

namespace svasim::validate {

bool job::operator<(const job& o) const {
  return std::tie(experiment, platform, workload, trace, set, arguments) <
         std::tie(o.experiment, o.platform, o.workload, o.trace, o.set, o.arguments);
}

platforms::platform_params platform_of(const job& j) {
  describe::document d = j.platform.empty() ? describe::document::from_text("{}", "")
                                            : describe::document::from_file(j.platform);
  for (const auto& [path, value] : j.set) {
    if (path.rfind(workload_prefix, 0) == 0) continue;
    describe::apply_override(d, path + "=" + value);
  }
  platforms::platform_params p;
  describe::read_into(d, p);
  return p;
}

void read_arguments(const settings& s, const std::function<void(describe::visitor&)>& description) {
  try {
    describe::document d = describe::document::from_text("{}", "");
    for (const auto& [path, value] : s) describe::apply_override(d, path + "=" + value);
    describe::read(d, description);
  } catch (const base::input_error& e) {
    const std::string option = "--set ";
    std::vector<base::problem> problems = e.problems();
    for (base::problem& p : problems) {
      if (p.file.rfind(option, 0) == 0) p.file = "argument " + p.file.substr(option.size());
      if (p.message.rfind(option, 0) == 0) {
        p.message = "argument " + p.message.substr(option.size());
      }
    }
    throw base::input_error(std::move(problems));
  }
}

const std::map<std::string, const experiment*>& experiments() {
  static const run_experiment run;
  static const std::map<std::string, const experiment*> all = [] {
    std::map<std::string, const experiment*> table = benches();
    table.emplace("run", &run);
    return table;
  }();
  return all;
}

}  // namespace svasim::validate
