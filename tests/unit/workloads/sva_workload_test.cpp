// SVA workloads in JSON, and those that come with svasim.
#include "workloads/sva_workload.h"

#include <catch2/catch.hpp>
#include <set>

#include "describe/schema.h"
#include "test_files.h"
#include "workloads/generator_params.h"

using namespace svasim;
using workloads::is_sva_workload;
using workloads::read_sva_workload;
using workloads::test::scratch;

namespace {

std::string error_of_sva(const std::string& json) {
  const scratch dir;
  try {
    read_sva_workload(dir.file("w.json", json));
  } catch (const base::input_error& e) {
    return dir.without_directory(e.what());
  }
  return "";
}

std::vector<std::filesystem::path> shipped() {
  std::vector<std::filesystem::path> out;
  for (const auto& f : std::filesystem::directory_iterator(SVASIM_SOURCE_DIR "/workloads")) {
    if (f.path().extension() == ".json") out.push_back(f.path());
  }
  return out;
}

}  // namespace

TEST_CASE("each SVA workload that comes with svasim is good and asks a question") {
  std::set<std::string> names, digests;
  for (const auto& path : shipped()) {
    CAPTURE(path);
    const bool sva = path.stem().string().substr(0, 4) == "sva_";
    CHECK(is_sva_workload(path) == sva);
    if (!sva) continue;
    const trace::sva_plan p = read_sva_workload(path);
    CHECK(p.name == path.stem().string());
    CHECK(p.question.size() > 20);
    CHECK(p.question.back() == '?');
    CHECK(p.total_messages() <= 1000);
    names.insert(p.name);
    digests.insert(workloads::digest_of(p));
  }
  CHECK(names == std::set<std::string>{"sva_cow", "sva_fault_storm", "sva_first_touch", "sva_fork",
                                       "sva_many_vms", "sva_mixed", "sva_stall_sweep",
                                       "sva_unmap_storm"});
  CHECK(digests.size() == names.size());
}

TEST_CASE("a plan names its devices, and one that does not is what it was before") {
  const scratch dir;
  const trace::sva_plan named = read_sva_workload(
      dir.file("w.json", R"({"kind": "sva", "devices": {"names": "nic,gpu", "functions": 2}})"));
  CHECK(named.devices.names == "nic,gpu");
  CHECK(named.devices.functions == 2);
  const trace::sva_plan plain = read_sva_workload(dir.file("w.json", R"({"kind": "sva"})"));
  const trace::sva_plan same =
      read_sva_workload(dir.file("w.json", R"({"kind": "sva", "devices": {"functions": 1}})"));
  CHECK(!plain.devices.given());
  CHECK(workloads::digest_of(plain) == workloads::digest_of(same));
  CHECK(workloads::digest_of(plain) != workloads::digest_of(named));
}

TEST_CASE("the keys of a plan are read, the others keep their defaults") {
  const scratch dir;
  const trace::sva_plan p = read_sva_workload(
      dir.file("mine.json", R"({"kind": "sva", "vms": 2, "processes": 3, "buffers": 4,
        "buffer": "12KiB", "messages": 5, "queue_depth": 6, "access": "64B", "order": "random",
        "write_percent": 7, "touched_percent": 8, "cow_percent": 9, "swapped_percent": 10,
        "end": "keep", "storm_pages": 2, "storm_interval": "3us", "fork_after": 11, "seed": 12})"));
  CHECK(p.name == "mine");
  CHECK(p.total_messages() == 120);
  CHECK(p.pages() == 3);
  CHECK(p.queue_depth == 6);
  CHECK(p.access == base::bytes(64));
  CHECK(p.order == trace::message_order::random);
  CHECK(p.write_percent == 7);
  CHECK(p.touched_percent == 8);
  CHECK(p.cow_percent == 9);
  CHECK(p.swapped_percent == 10);
  CHECK(p.end == trace::buffer_end::keep);
  CHECK(p.storm_pages == 2);
  CHECK(p.storm_interval == base::us(3));
  CHECK(p.fork_after == 11);
  CHECK(p.seed == 12);
  const trace::sva_plan defaults = read_sva_workload(dir.file("d.json", R"({"kind": "sva"})"));
  CHECK(defaults.buffer == trace::sva_plan().buffer);
  CHECK(defaults.end == trace::buffer_end::each);
}

TEST_CASE("a file is an SVA workload when it says so") {
  const scratch dir;
  CHECK(is_sva_workload(dir.file("a", R"({"kind": "sva", "no such key": 1})")));
  CHECK_FALSE(is_sva_workload(dir.file("b", R"({"pattern": "random"})")));
  CHECK_FALSE(is_sva_workload(dir.file("c", R"({"kind": "other"})")));
  CHECK_FALSE(is_sva_workload(dir.file("d", R"({"kind": 1})")));
  CHECK_FALSE(is_sva_workload(dir.file("e", R"(["kind", "sva"])")));
  CHECK_FALSE(is_sva_workload(dir.file("f", "kind: sva")));
  CHECK_FALSE(is_sva_workload(dir.path("not there")));
}

TEST_CASE("an SVA workload that cannot be says why") {
  CHECK(error_of_sva(R"({"kind": "sva", "buffer": "64B"})") ==
        "w.json:1:1: access: an access of 512B is longer than the buffer");
  CHECK(error_of_sva(R"({"kind": "sva", "access": "4KiB", "buffer": "1KiB"})") ==
        "w.json:1:27: access: an access of 4KiB is longer than the buffer");
  CHECK(error_of_sva(R"({"kind": "sva", "buffers": 1000000})") ==
        "w.json:1:28: buffers: the buffers of a process take more than 16GiB");
  CHECK(error_of_sva(R"({"kind": "sva", "storm_pages": 257})") ==
        "w.json:1:32: storm_pages: a buffer has 256 pages");
  CHECK(error_of_sva(R"({"kind": "sva", "vms": 256, "processes": 4096, "buffers": 1})") == "");
  CHECK(error_of_sva(R"({"kind": "sva", "buffr": "1MiB"})") ==
        R"(w.json:1:17: unknown key "buffr"; did you mean "buffer"?)");
  CHECK(error_of_sva(R"({"kind": "dma"})") ==
        R"(w.json:1:10: kind must be one of "sva", not "dma")");
}

TEST_CASE("the points of the stall sweep have the faulting pages that were measured") {
  const auto base = read_sva_workload(SVASIM_SOURCE_DIR "/workloads/sva_stall_sweep.json");
  const std::pair<std::uint32_t, std::uint32_t> points[] = {
      {1, 512}, {100, 1024}, {1000, 1024}, {5000, 1024}};
  for (const auto& [times, pages] : points) {
    const trace::sva_plan p = workloads::stall_sweep_point(base, times, pages);
    CHECK(p.total_messages() == times);
    CHECK(p.buffers * p.pages() == pages);
    CHECK(p.queue_depth == 1);
  }
  CHECK(workloads::stall_sweep_point(base, 100, 1024).messages == base.messages);
  CHECK_THROWS_WITH(workloads::stall_sweep_point(base, 1, 1024),
                    "1024 faulting pages and 1 messages do not divide into buffers of 512 pages");
  CHECK_THROWS_AS(workloads::stall_sweep_point(base, 1, 0), std::invalid_argument);
}

TEST_CASE("the schema of an SVA workload names its kind and its keys") {
  const std::string schema =
      describe::schema_json(workloads::sva_workload(), "svasim SVA workload");
  for (const char* key : {"\"kind\"", "\"sva\"", "\"touched_percent\"", "\"storm_interval\""}) {
    CHECK(schema.find(key) != std::string::npos);
  }
}
