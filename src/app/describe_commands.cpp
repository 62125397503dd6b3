#include <fmt/format.h>

#include <algorithm>
#include <filesystem>

#include "app/commands.h"
#include "app/load.h"
#include "base/error.h"
#include "describe/effective.h"
#include "describe/reference.h"
#include "describe/schema.h"
#include "describe/trust.h"
#include "workloads/generator.h"
#include "workloads/sva_workload.h"

namespace svasim::app {
namespace {

constexpr const char* platform_folder = "platforms";

// "numbers: 11 measured, 51 from documents, ..."
std::string confidence(const loaded_platform& p) {
  return "numbers: " +
         describe::to_string(describe::count_trust(describe::declare(p.params), p.provenance));
}

[[noreturn]] void unknown(const std::string& of) {
  throw base::input_error("no description of \"" + of + "\"; there are: platform, workload, sva");
}

}  // namespace

int platform_list() {
  std::error_code code;
  std::vector<std::string> files;
  for (const auto& entry : std::filesystem::directory_iterator(platform_folder, code)) {
    if (entry.path().extension() == ".json") files.push_back(entry.path().string());
  }
  if (code)
    throw base::input_error(std::string("cannot list ") + platform_folder + ": " + code.message());
  std::sort(files.begin(), files.end());
  for (const std::string& f : files) {
    const loaded_platform p = load_platform(f, {});
    fmt::print("{:36} {}\n{:36} {}\n", f, base::printable(p.params.description), "", confidence(p));
  }
  return 0;
}

int platform_show(const platform_options& o) {
  const loaded_platform p = load_platform(o.file, o.sets);
  fmt::print("{} ({})\n{}\n{}\n\n", base::printable(p.params.name),
             describe::effective_digest(p.params), base::printable(p.params.description),
             confidence(p));
  for (const describe::parameter_info& i : describe::parameters(p.params)) {
    if (i.path == "name" || i.path == "description") continue;
    const std::string& source = p.provenance.at(i.path);
    if (!o.trust.empty() && describe::name_of(describe::trust_of(source)) != o.trust) continue;
    fmt::print("{:44} {:>14}  {}\n", i.path, i.value, base::printable(source));
  }
  return 0;
}

int platform_check(const platform_options& o) {
  const loaded_platform p = load_platform(o.file, o.sets);
  fmt::print("{}: good ({} parameters, digest {})\n", o.file, describe::parameters(p.params).size(),
             describe::effective_digest(p.params));
  fmt::print("{}\n", confidence(p));
  return 0;
}

int schema(const std::string& of) {
  if (of == "platform") {
    fmt::print("{}", describe::schema_json(platforms::platform_params(), "svasim platform"));
  } else if (of == "workload") {
    fmt::print("{}", describe::schema_json(workloads::generator_params(), "svasim workload"));
  } else if (of == "sva") {
    fmt::print("{}", describe::schema_json(workloads::sva_workload(), "svasim SVA workload"));
  } else {
    unknown(of);
  }
  return 0;
}

int reference(const std::string& of) {
  if (of == "platform") {
    fmt::print("{}",
               describe::reference_markdown(platforms::platform_params(), "Platform parameters"));
  } else if (of == "workload") {
    fmt::print("{}",
               describe::reference_markdown(workloads::generator_params(), "Workload parameters"));
  } else if (of == "sva") {
    fmt::print("{}",
               describe::reference_markdown(workloads::sva_workload(), "SVA workload parameters"));
  } else {
    unknown(of);
  }
  return 0;
}

}  // namespace svasim::app
