#include "app/variants_text.h"

#include <fmt/format.h>

#include <functional>
#include <nlohmann/json.hpp>

#include "analysis/text.h"

namespace svasim::app {
namespace {

using nlohmann::json;

std::string time_text(const json& ps) {
  return ps.is_null() ? "-" : analysis::time_text(ps.get<std::uint64_t>());
}

std::string factor_text(const json& ppm) {
  return ppm.is_null() ? "-" : fmt::format("{:.2f}x", ppm.get<double>() / 1e6);
}

}  // namespace

std::string variants_table(const json& variants) {
  struct row {
    const char* name;
    std::function<std::string(const json&)> text;
  };
  const auto time = [](const char* key) {
    return [key](const json& v) { return time_text(v.at(key)); };
  };
  const auto cpu = [](const char* actor) {
    return [actor](const json& v) { return time_text(v.at("cpu_ps").at(actor)); };
  };
  const row rows[] = {
      {"faults",
       [](const json& v) {
         return v.at("faults").is_null() ? "-"
                                         : analysis::count_text(v["faults"].get<std::uint64_t>());
       }},
      {"fault p50", time("fault_p50_ps")},
      {"fault p99", time("fault_p99_ps")},
      {"unmap p50", time("unmap_p50_ps")},
      {"unmap p99", time("unmap_p99_ps")},
      {"throughput",
       [](const json& v) { return analysis::rate_text(v.at("bytes_per_s").get<std::uint64_t>()); }},
      {"run time", time("time_ps")},
      {"  against all pages there",
       [](const json& v) { return factor_text(v.at("slowdown_prefaulted_ppm")); }},
      {"  against ideal translation",
       [](const json& v) { return factor_text(v.at("slowdown_ideal_ppm")); }},
      {"CPU time, host kernel", cpu("HK")},
      {"CPU time, VMM", cpu("VMM")},
      {"CPU time, guest kernel", cpu("GK")},
  };
  std::string out = fmt::format("{:27}", "");
  for (const auto& [letter, v] : variants.items()) out += fmt::format("{:>12}", letter);
  out += '\n';
  for (const row& r : rows) {
    out += fmt::format("{:27}", r.name);
    for (const auto& [letter, v] : variants.items()) out += fmt::format("{:>12}", r.text(v));
    out += '\n';
  }
  return out;
}

std::string hops_text(const std::string& letter, const json& v) {
  std::string out = fmt::format("\n({}) {}", letter, v.at("title").get<std::string>());
  if (v.at("hops").is_null()) return out + ": no faults\n";
  out += fmt::format(": the hops of a fault of {}\n", time_text(v.at("fault_p50_ps")));
  for (const json& h : v.at("hops")) {
    out += fmt::format("  {:8}{:10}{:44}{:>12}{}\n", h.at("step").get<std::string>(),
                       h.at("actor").get<std::string>(), h.at("what").get<std::string>(),
                       time_text(h.at("ps")), h.at("on_path").get<bool>() ? "" : "  beside");
  }
  return out;
}

}  // namespace svasim::app
