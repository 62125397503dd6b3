// Little's law in whole runs, exactly: how many are inside, summed over time, is the sum of what
// each of them took. Every occupancy whose members a histogram times as well, in every variant.
#include <catch2/catch.hpp>

#include <cstdio>
#include <nlohmann/json.hpp>

#include "base/child_process.h"
#include "platforms/sva/sva_platform.h"
#include "tests/platform/presets/preset_files.h"
#include "workloads/sva_workload.h"

namespace svasim::test {
namespace {

using nlohmann::json;

// Few faults among many accesses; page groups of one, as a group's answer is timed once.
json run(platforms::variant v) {
  return json::parse(base::in_child([&] {
    auto p = platforms::test::read_file<platforms::platform_params>(
        platforms::test::preset("neoverse-n2"));
    p.served = v;
    p.device.atc.page_requests.group_pages = 1;
    auto plan = workloads::read_sva_workload(SVASIM_SOURCE_DIR "/workloads/sva_mixed.json");
    plan.buffers = plan.messages = 2;
    platforms::sva_platform s(p, plan);
    s.run();
    return s.statistics().to_json().dump();
  }));
}

struct law {
  std::string name;
  json inside;             // occupancies
  std::vector<json> took;  // histograms
};

json number(const json& v) {
  return v.is_string() ? json(std::stoull(v.get<std::string>())) : v;
}

std::uint64_t sum_of(const std::vector<json>& histograms) {
  std::uint64_t sum = 0;
  for (const json& h : histograms) sum += number(h.at("sum")).get<std::uint64_t>();
  return sum;
}

// Processors, wherever they are: of the host and of each VM.
void add_processors(const json& group, const std::string& path, std::vector<law>& out) {
  for (const auto& [name, member] : group.items()) {
    if (!member.is_object()) continue;
    const std::string where = path.empty() ? name : path + "." + name;
    if (member.contains("waiting") && member.contains("wait")) {
      out.push_back({where + ".waiting", member["waiting"], {member["wait"]}});
    }
    add_processors(member, where, out);
  }
}

std::vector<law> laws_of(const json& s) {
  std::vector<law> out;
  add_processors(s, "", out);
  const json& dma = s["device"]["dma"];
  out.push_back(
      {"device.dma.in_flight", dma["in_flight"], {dma["read_latency"], dma["write_latency"]}});
  const json& queued = s["device"]["work"]["queued"];
  out.push_back({"device.work.queued", queued, {s["device"]["work"]["time"]}});
  law messages{"device.work.queued by process", queued, {}};
  for (const auto& [name, process] : s["processes"].items()) {
    if (process.contains("message_time")) messages.took.push_back(process["message_time"]);
  }
  out.push_back(messages);
  if (s["device"].contains("atc")) {
    const json& pri = s["device"]["atc"]["pri"];
    out.push_back({"device.atc.pri.outstanding", pri["outstanding"], {pri["response_time"]}});
  }
  if (s["smmu"].contains("ats")) {
    const json& ats = s["smmu"]["ats"];
    out.push_back({"smmu.ats.itags", ats["itags"], {ats["invalidation_time"]}});
  }
  return out;
}

void check(char letter) {
  const json s = run(static_cast<platforms::variant>(letter - 'a'));
  const std::vector<law> laws = laws_of(s);
  unsigned busy = 0;
  for (const law& l : laws) {
    INFO("variant " << letter << ": " << l.name);
    CHECK(l.inside["current"] == 0);
    CHECK(number(l.inside["area"]) == sum_of(l.took));
    busy += l.inside["area"] != 0 ? 1 : 0;
  }
  // A slot of the TCU that is used for a walk is one of the walker's.
  CHECK(s["smmu"]["tcu"]["slots"]["area"] >= s["smmu"]["walker"]["slots"]["area"]);
  std::printf("validation: Little's law, variant %c: %zu pairs, %u of them used\n", letter,
              laws.size(), busy);
  CHECK(busy >= 3);
}

TEST_CASE("Little's law is exact in a run of each variant with page requests") {
  for (const char v : {'a', 'b', 'c', 'd', 'e'}) check(v);
}

TEST_CASE("Little's law is exact in a run without page requests, pinned or with stalls") {
  check('f');
  check('g');
}

}  // namespace
}  // namespace svasim::test
