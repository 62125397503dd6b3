// Tables that Linux built, saved from a running machine: every mapping it lists must translate.
#include <fmt/format.h>
#include <zlib.h>

#include <catch2/catch.hpp>
#include <fstream>
#include <nlohmann/json.hpp>
#include <sstream>
#include <string>
#include <vector>

#include "arch/translate.h"
#include "base/bits.h"
#include "base/file.h"
#include "base/sparse_memory.h"

using namespace svasim;

namespace {
struct snapshot {
  arch::registers registers;
  base::sparse_memory memory;
};

std::string gunzip(const std::string& path) {
  const gzFile file = gzopen(path.c_str(), "rb");
  REQUIRE(file != nullptr);
  std::string all;
  std::vector<char> buffer(1u << 16);
  int n = 0;
  while ((n = gzread(file, buffer.data(), static_cast<unsigned>(buffer.size()))) > 0) {
    all.append(buffer.data(), static_cast<std::size_t>(n));
  }
  gzclose(file);
  REQUIRE(n == 0);
  return all;
}

snapshot load(const std::string& folder) {
  snapshot s;
  const auto json = nlohmann::json::parse(base::read_file(folder + "/snapshot.json"));
  const auto word = [&](const char* name) {
    return std::stoull(json.at("registers").at(name).get<std::string>(), nullptr, 16);
  };
  s.registers.idr0 = static_cast<std::uint32_t>(word("IDR0"));
  s.registers.idr1 = static_cast<std::uint32_t>(word("IDR1"));
  s.registers.idr3 = static_cast<std::uint32_t>(word("IDR3"));
  s.registers.idr5 = static_cast<std::uint32_t>(word("IDR5"));
  s.registers.cr0 = static_cast<std::uint32_t>(word("CR0"));
  s.registers.cr2 = static_cast<std::uint32_t>(word("CR2"));
  s.registers.strtab_base = word("STRTAB_BASE");
  s.registers.strtab_base_cfg = static_cast<std::uint32_t>(word("STRTAB_BASE_CFG"));

  const std::string pages = gunzip(folder + "/pages.bin.gz");
  std::istringstream index(base::read_file(folder + "/pages.idx"));
  std::size_t at = 0;
  for (std::string line; std::getline(index, line);) {
    std::istringstream fields(line);
    std::string address;
    std::string role;
    fields >> address >> role;
    if (address == "#" || role == "zero") {
      continue;
    }
    REQUIRE(at + 4096 <= pages.size());
    s.memory.write(base::pa(std::stoull(address, nullptr, 16)), pages.data() + at, 4096);
    at += 4096;
  }
  REQUIRE(at == pages.size());
  return s;
}

/// Translates one end of a mapping; empty where the answer is right.
std::string try_access(const snapshot& s, const arch::register_view& regs, std::uint32_t sid,
                       std::uint64_t iova, std::uint64_t pa, unsigned level, bool write,
                       bool allowed) {
  const auto read = [&](const arch::fetch_request& f, std::uint64_t* words) {
    s.memory.read(f.address, words, f.size);
    return true;
  };
  arch::access_request request;
  request.sid = base::stream_id(sid);
  request.address = iova;
  request.write = write;
  const auto r = arch::translate(regs, read, request);
  const bool right =
      allowed
          ? r.outcome == arch::outcome::ok && r.output.value() == pa && r.entry.s1.level == level
          : r.outcome == arch::outcome::fault && r.event.type == arch::event_type::f_permission;
  return right ? "" : fmt::format("{:#x} {:#x} write {}", sid, iova, write);
}

/// The mappings that fail, and how many there are.
std::pair<std::vector<std::string>, std::size_t> check_all(const std::string& folder) {
  const snapshot s = load(folder);
  const arch::register_view regs(s.registers);
  std::vector<std::string> wrong;
  std::size_t count = 0;
  std::istringstream lines(gunzip(folder + "/mappings.txt.gz"));
  for (std::string line; std::getline(lines, line);) {
    if (line.empty() || line[0] == '#') {
      continue;
    }
    std::istringstream fields(line);
    std::uint64_t sid = 0, iova = 0, pa = 0, size = 0, descriptor = 0;
    unsigned level = 0;
    fields >> std::hex >> sid >> iova >> pa >> size >> std::dec >> level >> std::hex >> descriptor;
    REQUIRE(!fields.fail());
    const bool writable = !base::bit(descriptor, 7);
    for (const std::uint64_t offset : {std::uint64_t{0}, size - 1}) {
      for (const bool write : {false, true}) {
        const std::string problem =
            try_access(s, regs, static_cast<std::uint32_t>(sid), iova + offset, pa + offset, level,
                       write, !write || writable);
        if (!problem.empty()) {
          wrong.push_back(problem);
        }
      }
    }
    ++count;
  }
  return {wrong, count};
}

const std::string folder = SVASIM_SOURCE_DIR "/tests/golden/snapshots/";
}  // namespace

TEST_CASE("all 1,126 mappings of the Linux 6.1 tables translate to their listed address") {
  const auto [wrong, count] = check_all(folder + "snapshot-4k");
  CHECK(count == 1126);
  CHECK(wrong == std::vector<std::string>{});
}

TEST_CASE(
    "all 4,504 mappings of the Linux 6.12 tables with blocks translate to their listed address") {
  const auto [wrong, count] = check_all(folder + "snapshot-4k-blocks");
  CHECK(count == 4504);
  CHECK(wrong == std::vector<std::string>{});
}
