#include <fmt/format.h>

#include <nlohmann/json.hpp>
#include <set>

#include "app/commands.h"
#include "app/load.h"
#include "app/variants_text.h"
#include "base/child_process.h"
#include "base/error.h"
#include "describe/document.h"
#include "platforms/sva/sva_result.h"
#include "workloads/sva_workload.h"

namespace svasim::app {
namespace {

using nlohmann::json;

std::vector<platforms::variant> parse_variants(const std::string& list) {
  std::vector<platforms::variant> out;
  std::set<char> seen;
  for (std::size_t i = 0; i <= list.size(); i += 2) {
    const bool good = i < list.size() && list[i] >= 'a' && list[i] <= 'g' &&
                      (i + 1 == list.size() || list[i + 1] == ',');
    if (!good || !seen.insert(list[i]).second) {
      throw base::input_error(
          fmt::format("--variants: \"{}\" is no list of letters from a to g, each once, such as "
                      "a,b,g",
                      list));
    }
    out.push_back(static_cast<platforms::variant>(list[i] - 'a'));
    if (i + 1 == list.size()) break;
  }
  return out;
}

// One run in a process of its own.
json simulate(const platforms::platform_params& params, const trace::sva_plan& plan,
              const platforms::sva_options& options) {
  return json::parse(base::in_child([&] {
    platforms::sva_platform p(params, plan, options);
    p.run();
    return platforms::variant_figures(p).dump();
  }));
}

json figures_of(const platforms::platform_params& params, const trace::sva_plan& plan) {
  platforms::sva_options prefault, no_time;
  prefault.prefault = true;
  no_time.ideal = true;
  json out = simulate(params, plan, {});
  const json faultless = simulate(params, plan, prefault);
  const json ideal = simulate(params, plan, no_time);
  platforms::add_slowdown(out, faultless, ideal);
  return out;
}

}  // namespace

int compare_variants(const compare_options& o) {
  const std::vector<platforms::variant> wanted = parse_variants(o.variants);
  if (o.results.size() != 1) {
    throw base::input_error("--variants needs one platform file");
  }
  if (o.workload.empty()) {
    throw base::input_error("--variants needs --workload with an SVA workload");
  }
  if (!workloads::is_sva_workload(o.workload)) {
    describe::document::from_file(o.workload);  // says why where it cannot be read
    throw base::input_error(base::problem{
        o.workload, 0, 0, "no SVA workload (\"kind\": \"sva\"), which --variants needs"});
  }
  loaded_platform platform = load_platform(o.results.front(), o.sets);
  const trace::sva_plan plan = workloads::read_sva_workload(o.workload);
  json all = json::object();
  for (const platforms::variant v : wanted) {
    platform.params.served = v;
    with_file_name(o.workload, [&] {
      all[std::string(1, platforms::letter(v))] = figures_of(platform.params, plan);
    });
  }
  if (o.json) {
    fmt::print("{}\n", json{{"variants", all}}.dump());
    return 0;
  }
  fmt::print("{} on {}: {}\n\n", base::printable(plan.name), base::printable(platform.params.name),
             base::printable(plan.question));
  fmt::print("{}", variants_table(all));
  for (const auto& [letter, v] : all.items()) fmt::print("{}", hops_text(letter, v));
  return 0;
}

}  // namespace svasim::app
