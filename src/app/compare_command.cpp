#include <fmt/format.h>

#include "analysis/compare/print.h"
#include "app/commands.h"

namespace svasim::app {

int compare(const compare_options& o) {
  std::vector<std::vector<compare::sample_set>> arguments;
  for (const std::string& path : o.results) arguments.push_back(compare::read_sets(path));
  const std::vector<compare::comparison> all = compare::compare_all(arguments);
  fmt::print("{}", o.json ? compare::json_text(all) : compare::text(all, o.all));
  return 0;
}

}  // namespace svasim::app
