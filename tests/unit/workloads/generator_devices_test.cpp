// The device patterns of a generator, the example workloads, and every rule of the new keys.
#include <catch2/catch.hpp>
#include <map>
#include <set>

#include "test_files.h"
#include "workloads/convert.h"
#include "workloads/generator.h"
#include "workloads/sva_workload.h"

using namespace svasim;
using workloads::access_pattern;
using workloads::generator;
using workloads::generator_params;
using workloads::test::read_all;
using workloads::test::scratch;

namespace {

std::string error_of_workload(const std::string& json) {
  const scratch dir;
  try {
    workloads::read_workload(dir.file("w.json", json));
  } catch (const base::input_error& e) {
    return dir.without_directory(e.what());
  }
  return "";
}

}  // namespace

TEST_CASE("nvme_queues never has more commands under way than its depth, nor fewer once full") {
  generator_params p;
  p.pattern = access_pattern::nvme_queues;
  p.footprint = base::kib(512);
  p.transfer = base::kib(8);
  p.queues = 3;
  p.queue_entries = 16;
  p.queue_depth = 5;
  p.write_ppm = 400000;
  p.accesses = 20000;
  const workloads::nvme_layout one = workloads::nvme_layout_of(p);
  generator g(p);
  std::map<std::uint64_t, int> under_way;
  std::map<std::uint64_t, int> most;
  std::uint64_t bytes = 0;
  std::uint64_t issued = 0;
  for (const trace::record& r : read_all(g)) {
    const std::uint64_t queue = (r.address.value() - one.base) / one.span();
    const std::uint64_t into = (r.address.value() - one.base) % one.span();
    CHECK(queue < 3);
    if (!r.write && into < 16 * 64) {
      CHECK(++under_way[queue] <= 5);
      ++issued;
    } else if (r.write && r.length == 16) {
      --under_way[queue];
    } else {
      CHECK(into >= one.buffers() - one.base);
      bytes += r.length;
    }
    most[queue] = std::max(most[queue], under_way[queue]);
  }
  for (const auto& [queue, n] : most) CHECK(n == 5);
  // All but the reads under way at the end have moved their 8 KiB.
  CHECK(bytes <= issued * 8192);
  CHECK(bytes >= (issued - 16) * 8192);
}

TEST_CASE("nvme_queues' share of writes is one of commands") {
  generator_params p;
  p.pattern = access_pattern::nvme_queues;
  p.write_ppm = 250000;
  p.accesses = 60000;
  generator g(p);
  std::uint64_t reads = 0;
  std::uint64_t writes = 0;
  for (const trace::record& r : read_all(g)) {
    if (r.length != 4096) continue;
    (r.write ? reads : writes) += 1;  // a disk write is read from memory
  }
  const auto share = static_cast<double>(writes) / static_cast<double>(reads + writes);
  CHECK(share > 0.234);
  CHECK(share < 0.266);
}

TEST_CASE("nic_rings moves every packet whole, through all rings in turn") {
  generator_params p;
  p.pattern = access_pattern::nic_rings;
  p.transfer = base::bytes(3000);  // two buffers
  p.queues = 2;
  p.queue_entries = 8;
  p.write_ppm = 500000;
  p.accesses = 10000;
  const workloads::nic_layout one = workloads::nic_layout_of(p);
  generator g(p);
  std::set<std::uint64_t> rings;
  std::uint64_t received = 0;
  std::uint64_t sent = 0;
  std::uint64_t written_back = 0;
  for (const trace::record& r : read_all(g)) {
    const std::uint64_t into = (r.address.value() - one.base) % one.span();
    rings.insert((r.address.value() - one.base) / one.span());
    if (into >= 2 * one.ring_size()) {
      (r.write ? received : sent) += r.length;
    } else {
      written_back += r.write ? 1 : 0;
    }
  }
  CHECK(rings.size() == 2);
  // A packet is two descriptors of 3000 bytes together; at most one is not whole at the end.
  CHECK(received + sent <= (written_back + 2) / 2 * 3000);
  CHECK(received + sent >= (written_back - 2) / 2 * 3000);
  CHECK(received > 0);
  CHECK(sent > 0);
}

TEST_CASE("every example workload is made whole, with a question in its comment") {
  unsigned examples = 0;
  for (const auto& entry : std::filesystem::directory_iterator(SVASIM_SOURCE_DIR "/workloads")) {
    if (entry.path().extension() != ".json") continue;
    CAPTURE(entry.path().filename().string());
    if (workloads::is_sva_workload(entry.path().string())) continue;  // a plan: see its own test
    ++examples;
    const std::string text = base::read_file(entry.path().string());
    CHECK(text.rfind("{\n  \"$comment\": \"", 0) == 0);
    CHECK(text.substr(0, text.find('\n', 2)).find('?') != std::string::npos);
    generator g(workloads::read_workload(entry.path().string()));
    std::uint64_t n = 0;
    for (trace::record r; g.next(r);) ++n;
    CHECK(n == g.about().lines);
  }
  CHECK(examples >= 13);
}

TEST_CASE("a workload written as a trace keeps its blocks, streams and commands") {
  const scratch dir;
  generator_params p;
  p.accesses = 500;
  p.footprint = base::mib(5);
  p.streams = 2;
  p.mapping = workloads::mapping_size::block_2m;
  workloads::generated_trace blocks(p);
  workloads::convert(blocks, dir.path("t.svt"), workloads::trace_format::svt);
  auto back = workloads::open_trace(dir.path("t.svt"));
  CHECK(back->about().leaves == 6);
  CHECK(back->about().lines == 506);
  const auto records = read_all(*back);
  CHECK(records.at(0).level == 2);
  CHECK(records.at(2).address == base::iova(p.address.value() + (4 << 20)));
  CHECK(records.at(2).asid == base::asid(1));
  CHECK(records.at(3).asid == base::asid(2));
  CHECK(records.at(6).kind == trace::record_kind::access);

  generator_params storm;
  storm.pattern = access_pattern::unmap_storm;
  storm.accesses = 100;
  workloads::generated_trace commands(storm);
  workloads::convert(commands, dir.path("s.csv"), workloads::trace_format::csv);
  back = workloads::open_trace(dir.path("s.csv"));
  CHECK(back->about().commands == commands.about().commands);
  CHECK(back->about().commands == 198);
  CHECK(back->about().lazy == false);
}

TEST_CASE("a device workload that cannot be made says why") {
  CHECK(error_of_workload(R"({"pattern": "zipf", "footprint": "8GiB"})") ==
        "w.json:1:34: footprint: zipf has at most 4 GiB: a weight for each page of 4 KiB");
  CHECK(error_of_workload(R"({"pattern": "first_touch", "footprint": "1KiB"})") ==
        "w.json:1:41: footprint: 1KiB is no multiple of 4KiB");
  CHECK(error_of_workload(R"({"pattern": "unmap_storm", "page_size": "2MiB"})") ==
        "w.json:1:41: page_size: first_touch and unmap_storm map pages of 4KiB");
  CHECK(error_of_workload(R"({"pattern": "unmap_storm", "unmap_pages": 3})") ==
        "w.json:1:43: unmap_pages: the footprint is no multiple of that");
  CHECK(error_of_workload(R"({"pattern": "nic_rings", "queue_entries": 6})") ==
        "w.json:1:43: queue_entries: 6 is no multiple of 4");
  CHECK(error_of_workload(R"({"pattern": "nvme_queues", "queue_entries": 8, "queue_depth": 8})") ==
        "w.json:1:63: queue_depth: as many commands as entries or more: a full queue has one entry "
        "free");
  CHECK(error_of_workload(
            R"({"pattern": "nvme_queues", "transfer": "6KiB", "footprint": "64KiB"})") ==
        "w.json:1:61: footprint: too small for a buffer of each command under way");
  CHECK(error_of_workload(R"({"interleave": "rnadom"})") ==
        "w.json:1:16: interleave must be one of \"round_robin\", \"random\", \"bursty\", not "
        "\"rnadom\"");
}
