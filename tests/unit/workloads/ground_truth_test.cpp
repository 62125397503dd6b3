// Every recorded trace against the numbers that came with it (tests/golden/ground_truth.json).
#include <algorithm>
#include <catch2/catch.hpp>
#include <map>
#include <nlohmann/json.hpp>
#include <set>

#include "base/bits.h"
#include "test_files.h"
#include "workloads/smmu_commands.h"

using namespace svasim;
using nlohmann::json;
namespace cmd = workloads::smmu_commands;

namespace {

const json& truth() {
  static const json all =
      json::parse(base::read_file(SVASIM_SOURCE_DIR "/tests/golden/ground_truth.json"));
  return all;
}

std::string file_of(const std::string& key) {
  return SVASIM_SOURCE_DIR "/workloads/traces/" + key.substr(key.find('/') + 1) + ".qemu.log.gz";
}

std::string hex(std::uint64_t v) {
  char text[32];
  std::snprintf(text, sizeof text, "0x%llx", static_cast<unsigned long long>(v));
  return text;
}

const std::map<std::uint8_t, std::string> opcode_names = {
    {0x01, "SMMU_CMD_PREFETCH_CONFIG"}, {0x03, "SMMU_CMD_CFGI_STE"},
    {0x04, "SMMU_CMD_CFGI_STE_RANGE"},  {0x05, "SMMU_CMD_CFGI_CD"},
    {0x11, "SMMU_CMD_TLBI_NH_ASID"},    {0x12, "SMMU_CMD_TLBI_NH_VA"},
    {0x30, "SMMU_CMD_TLBI_NSNH_ALL"},   {0x46, "SMMU_CMD_SYNC"}};

struct tally {
  std::uint64_t accesses = 0;
  std::uint64_t events = 0;
  std::uint64_t leaves_of_blocks = 0;
  std::map<std::string, std::uint64_t> accesses_per_stream;
  std::map<std::string, std::set<std::uint64_t>> pages_per_stream;
  std::map<std::string, std::uint64_t> permissions;
  std::map<std::string, std::uint64_t> commands;
  std::uint64_t range_pieces = 0;
  std::uint64_t pages_in_ranges = 0;
  std::uint64_t by_asid = 0;
  std::uint64_t everything = 0;
  std::uint64_t last_time = 0;
  bool time_steps_back = false;
  bool crosses_a_page = false;
};

// The aligned powers of two that QEMU cuts a range into, counted independently of the reader.
std::uint64_t pieces_of(const cmd::address_range& r) {
  std::uint64_t page = r.first >> 12;
  std::uint64_t left = r.pages;
  std::uint64_t pieces = 0;
  while (left != 0) {
    std::uint64_t piece = 1;
    while (page % (2 * piece) == 0 && 2 * piece <= left) piece *= 2;
    page += piece;
    left -= piece;
    ++pieces;
  }
  return pieces;
}

void count(tally& t, const trace::record& r) {
  t.time_steps_back |= r.time.value() < t.last_time;
  t.last_time = r.time.value();
  if (r.kind == trace::record_kind::access) {
    ++t.accesses;
    ++t.accesses_per_stream[hex(r.sid.value())];
    t.pages_per_stream[hex(r.sid.value())].insert(r.address.page(12));
    ++t.permissions[std::to_string(r.permission)];
    t.crosses_a_page |= r.length == 0 || r.address.offset(12) + r.length > 4096;
  } else if (r.kind == trace::record_kind::event) {
    ++t.events;
  } else if (r.kind == trace::record_kind::leaf) {
    t.leaves_of_blocks += r.level == 2 ? 1 : 0;
  } else {
    const auto op = static_cast<std::uint8_t>(base::bits(r.command[0], 7, 0));
    ++t.commands[opcode_names.at(op)];
    t.by_asid += op == 0x11 ? 1 : 0;
    t.everything += op == 0x30 || op == 0x10 || op == 0x28 ? 1 : 0;
    if (const auto range = cmd::named_range(r.command)) {
      t.range_pieces += pieces_of(*range);
      t.pages_in_ranges += range->pages;
    }
  }
}

tally tally_of(trace::source& from) {
  tally t;
  for (trace::record r; from.next(r);) count(t, r);
  return t;
}

std::uint64_t member(const json& object, const char* name) {
  return object.is_object() && object.contains(name) ? object.at(name).get<std::uint64_t>() : 0;
}

// Two logs begin or end between the two lines of a TLBI_NH_ASID: the operand line counts.
std::map<std::string, std::uint64_t> expected_commands(const std::string& key) {
  auto out = truth().at(key).at("commands_by_opcode").get<std::map<std::string, std::uint64_t>>();
  if (key == "smmuv3/igb_tcp_rx_lazy" || key == "smmuv3/igb_tcp_tx_lazy") {
    ++out.at("SMMU_CMD_TLBI_NH_ASID");
  }
  return out;
}

void check_summary(const std::string& key, const trace::summary& s, const tally& t) {
  const json& entry = truth().at(key);
  CHECK(s.format == "qemu-smmuv3");
  CHECK(s.accesses == t.accesses);
  CHECK(s.events == t.events);
  CHECK(s.leaves == t.leaves_of_blocks);
  CHECK(s.length.value() == t.last_time);
  CHECK(s.length.value() / 1000000 <=
        static_cast<std::uint64_t>(entry.at("duration_s").get<double>() * 1e6 + 0.5));
  CHECK(s.granule_shift == entry.at("page_shift").get<unsigned>());
  CHECK(s.lazy == (key.find("_lazy") != std::string::npos));
  CHECK(s.incomplete_commands == 0);
  CHECK(s.clock_steps_back == 0);
  CHECK(s.untranslated == 0);
  std::uint64_t commands = 0;
  for (const auto& [op, n] : s.commands_by_opcode) {
    CHECK(n == t.commands.at(opcode_names.at(op)));
    commands += n;
  }
  CHECK(commands == s.commands);
  json tags = json::object();
  for (const trace::stream_tag& tag : s.streams) {
    tags[hex(tag.sid.value())] = {{"asid", tag.asid.value()}, {"vmid", tag.vmid.value()}};
    CHECK(tag.accesses == t.accesses_per_stream.at(hex(tag.sid.value())));
  }
  CHECK(tags == entry.at("translation_tag_of_stream"));
}

}  // namespace

TEST_CASE("every trace that came with ground truth is in workloads/traces") {
  CHECK(truth().size() == 16);
  for (const auto& [key, entry] : truth().items()) CHECK(std::filesystem::exists(file_of(key)));
}

TEST_CASE("the records of every recorded log reproduce its ground truth") {
  for (const auto& [key, entry] : truth().items()) {
    CAPTURE(key);
    const auto source = workloads::open_trace(file_of(key));
    const tally t = tally_of(*source);
    CHECK(t.accesses == member(entry, "accesses"));
    CHECK(t.events == member(entry.at("event_counts"), "smmuv3_record_event"));
    CHECK(json(t.permissions) ==
          (t.accesses == 0 ? json::object() : entry.at("page_permission_counts")));
    const json none = json::object();
    CHECK(json(t.accesses_per_stream) == entry.value("accesses_per_stream", none));
    std::map<std::string, std::size_t> distinct;
    for (const auto& [sid, pages] : t.pages_per_stream) distinct[sid] = pages.size();
    CHECK(json(distinct) == entry.value("distinct_pages_per_stream", none));
    CHECK(t.commands == expected_commands(key));
    if (entry.contains("invalidation_ops")) {
      const json& ops = entry.at("invalidation_ops");
      CHECK(t.range_pieces == member(ops, "range"));
      CHECK(t.pages_in_ranges == member(ops, "pages_in_ranges"));
      CHECK(t.by_asid == member(ops, "by_asid"));
      CHECK(t.everything == member(ops, "all"));
    }
    CHECK(t.leaves_of_blocks ==
          member(entry.at("emulator_iotlb_inserts_by_level"), "tg=1 level=2"));
    CHECK_FALSE(t.time_steps_back);
    CHECK_FALSE(t.crosses_a_page);
    check_summary(key, source->about(), t);
  }
}

TEST_CASE("all ASIDs of a log's range invalidations are kept") {
  // nvme_vfio_guest_4k: every TLBI names the VFIO domain, ASID 2.
  const auto source = workloads::open_trace(file_of("passthrough/nvme_vfio_guest_4k"));
  std::uint64_t ranges = 0;
  for (trace::record r; source->next(r);) {
    if (r.kind != trace::record_kind::command || !cmd::named_range(r.command)) continue;
    ++ranges;
    CHECK(base::bits(r.command[0], 63, 48) == 2);
  }
  CHECK(ranges == 430);
}

TEST_CASE("an interrupt is a write of 4 bytes, all else a read of 64, cut at the end of its page") {
  const auto source = workloads::open_trace(file_of("smmuv3/nvme_randread4k_qd1_walks_strict"));
  std::uint64_t doorbells = 0;
  for (trace::record r; source->next(r);) {
    if (r.kind != trace::record_kind::access) continue;
    const bool doorbell = r.output == 0x8090040;
    doorbells += doorbell ? 1 : 0;
    CHECK(r.write == doorbell);
    CHECK(r.length == (doorbell ? 4u : std::min<std::uint64_t>(64, 4096 - r.address.offset(12))));
  }
  CHECK(doorbells == 2048);  // one for each of the 2048 commands
}
