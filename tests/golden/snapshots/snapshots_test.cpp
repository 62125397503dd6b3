// Tables that Linux built, saved from a running machine: every mapping it lists must translate,
// without time and on the timed SMMU with its caches.
#include <fmt/format.h>

#include <catch2/catch.hpp>
#include <memory>
#include <nlohmann/json.hpp>
#include <sstream>
#include <string>
#include <vector>

#include "base/bits.h"
#include "base/child_process.h"
#include "base/file.h"
#include "platforms/scenario/compare.h"
#include "platforms/scenario/timed.h"
#include "platforms/scenario/untimed.h"
#include "workloads/decoder.h"

using namespace svasim;

namespace {

std::string gunzip(const std::string& path) {
  const std::unique_ptr<workloads::decoder> in = workloads::open_decoder(path);
  std::string all;
  std::vector<char> buffer(1u << 16);
  for (std::size_t n = 0; (n = in->read(buffer.data(), buffer.size())) > 0;) {
    all.append(buffer.data(), n);
  }
  return all;
}

void load_registers(const std::string& folder, scenario::scenario& s) {
  const auto json = nlohmann::json::parse(base::read_file(folder + "/snapshot.json"));
  const auto word = [&](const char* name) {
    return std::stoull(json.at("registers").at(name).get<std::string>(), nullptr, 16);
  };
  const auto word32 = [&](const char* name) { return static_cast<std::uint32_t>(word(name)); };
  s.registers.idr0 = word32("IDR0");
  s.registers.idr1 = word32("IDR1");
  s.registers.idr3 = word32("IDR3");
  s.registers.idr5 = word32("IDR5");
  s.registers.cr0 = word32("CR0");
  s.registers.cr2 = word32("CR2");
  s.registers.strtab_base = word("STRTAB_BASE");
  s.registers.strtab_base_cfg = word32("STRTAB_BASE_CFG");
  s.event_queue = scenario::decode_queue_base(word("EVENTQ_BASE"), 5, 19);
  s.ram = {{0, std::uint64_t{1} << 48}};
}

void load_pages(const std::string& folder, scenario::scenario& s) {
  const std::string pages = gunzip(folder + "/pages.bin.gz");
  std::istringstream index(base::read_file(folder + "/pages.idx"));
  std::size_t at = 0;
  for (std::string line; std::getline(index, line);) {
    std::istringstream fields(line);
    std::string address;
    std::string role;
    fields >> address >> role;
    if (address == "#" || role == "zero") continue;
    REQUIRE(at + 4096 <= pages.size());
    s.memory.write(base::pa(std::stoull(address, nullptr, 16)), pages.data() + at, 4096);
    at += 4096;
  }
  REQUIRE(at == pages.size());
}

scenario::step access(std::uint64_t sid, std::uint64_t iova, std::uint64_t pa, bool write,
                      bool allowed) {
  scenario::step s;
  s.request.sid = base::stream_id(static_cast<std::uint32_t>(sid));
  s.request.address = iova;
  s.request.write = write;
  scenario::expectation& e = s.acceptable.emplace_back();
  if (allowed) {
    e.pa = pa;
    e.kind = "s1";
  } else {
    e.result = arch::outcome::fault;
    e.event.type = arch::event_type::f_permission;
    e.check = {scenario::event_field::type};
  }
  return s;
}

/// Reads and writes of both ends of every mapping; `levels`: of the leaf, by step.
std::size_t add_queries(const std::string& folder, scenario::scenario& s,
                        std::vector<int>& levels) {
  std::size_t count = 0;
  std::istringstream lines(gunzip(folder + "/mappings.txt.gz"));
  for (std::string line; std::getline(lines, line);) {
    if (line.empty() || line[0] == '#') continue;
    std::istringstream fields(line);
    std::uint64_t sid = 0, iova = 0, pa = 0, size = 0, descriptor = 0;
    int level = 0;
    fields >> std::hex >> sid >> iova >> pa >> size >> std::dec >> level >> std::hex >> descriptor;
    REQUIRE(!fields.fail());
    const bool writable = !base::bit(descriptor, 7);
    for (const std::uint64_t offset : {std::uint64_t{0}, size - 4}) {
      for (const bool write : {false, true}) {
        s.steps.push_back(access(sid, iova + offset, pa + offset, write, !write || writable));
        levels.push_back(level);
      }
    }
    ++count;
  }
  return count;
}

/// What the answers of `translate` to the queries have wrong; empty where all is well.
template <class Translate>
std::string wrong_answers(scenario::scenario& s, const std::vector<int>& levels,
                          Translate translate) {
  std::string wrong;
  scenario::answer_sink sink;
  sink.query = [&](std::size_t step, const scenario::query_answer& a) {
    const std::string d = difference(a, s.steps[step]);
    if (!d.empty()) wrong += fmt::format("{:#x}: {}\n", s.steps[step].request.address, d);
    if (!a.walk.empty() && a.walk.back().level != levels[step]) wrong += "leaf level differs\n";
  };
  sink.command = [](std::size_t, const scenario::command_answer&) {};
  translate(s, sink);
  return wrong;
}

/// Checks a snapshot without time and with it; the number of its mappings.
std::size_t check_all(const std::string& name) {
  const std::string folder = SVASIM_SOURCE_DIR "/tests/golden/snapshots/" + name;
  scenario::scenario s;
  s.id = name;
  load_registers(folder, s);
  load_pages(folder, s);
  std::vector<int> levels;
  const std::size_t count = add_queries(folder, s, levels);
  CHECK(wrong_answers(s, levels, [](scenario::scenario& of, const scenario::answer_sink& out) {
          scenario::translate(of, out);
        }) == "");
  CHECK(base::in_child([&] {
          return wrong_answers(s, levels,
                               [](scenario::scenario& of, const scenario::answer_sink& out) {
                                 scenario::translate_timed(of, scenario::timed_defaults(), out);
                               });
        }) == "");
  return count;
}

}  // namespace

TEST_CASE("all 1,126 mappings of the Linux 6.1 tables translate to their listed address") {
  CHECK(check_all("snapshot-4k") == 1126);
}

TEST_CASE(
    "all 4,504 mappings of the Linux 6.12 tables with blocks translate to their listed address") {
  CHECK(check_all("snapshot-4k-blocks") == 4504);
}
