#include <fmt/format.h>

#include "analysis/compare/print.h"
#include "app/commands.h"
#include "base/error.h"

namespace svasim::app {

int compare(const compare_options& o) {
  if (!o.variants.empty()) return compare_variants(o);
  if (!o.workload.empty() || !o.sets.empty()) {
    throw base::input_error("--workload and --set go with --variants");
  }
  std::vector<std::vector<compare::sample_set>> arguments;
  for (const std::string& path : o.results) arguments.push_back(compare::read_sets(path));
  const std::vector<compare::comparison> all = compare::compare_all(arguments);
  fmt::print("{}", o.json ? compare::json_text(all) : compare::text(all, o.all));
  return 0;
}

}  // namespace svasim::app
