// Parameters of the device: what is refused, and with which words.
#include "tlm/device/atc_params.h"

#include <catch2/catch.hpp>

#include "base/error.h"
#include "describe/document.h"
#include "describe/reader.h"

using namespace svasim;

namespace {

device::atc_params read(const std::string& text) {
  device::atc_params p;
  describe::read_into(describe::document::from_text(text, "atc.json"), p);
  return p;
}

std::string problem_of(const std::string& text) {
  try {
    read(text);
  } catch (const base::input_error& e) {
    std::string all;
    for (const base::problem& p : e.problems()) all += p.message + "\n";
    return all;
  }
  return "";
}

}  // namespace

TEST_CASE("an ATC is described by its parameters, and the others keep their defaults") {
  const device::atc_params p = read(R"({"entries": 64, "ways": 8, "stu": "64KiB",
      "largest": "1GiB", "sizes": "two", "page_requests": {"allocation": 4}})");
  CHECK(p.entries == 64);
  CHECK(p.stu_shift() == 16);
  CHECK(p.largest_shift() == 30);
  CHECK(p.sizes == device::atc_sizes::two);
  CHECK(p.page_requests.credits() == 4);
  CHECK(p.slots == 256);
  CHECK(p.coalesce);
  CHECK(device::atc_params().page_requests.credits() == 16);
}

TEST_CASE("sizes that are no power of two, or contradict each other, are refused") {
  CHECK(problem_of(R"({"stu": "12KiB"})") == "stu: the STU must be a power of two\n");
  CHECK(problem_of(R"({"largest": "12KiB"})") ==
        "largest: the largest entry must be a power of two\n");
  CHECK(problem_of(R"({"stu": "64KiB", "largest": "4KiB"})") ==
        "largest: the largest entry is smaller than the STU\n");
}

TEST_CASE("several translations a request need the smallest STU") {
  CHECK(problem_of(R"({"translations_per_request": 64})") == "");
  CHECK(problem_of(R"({"translations_per_request": 2, "stu": "64KiB"})") ==
        "translations_per_request: several translations a request need an STU of 4KiB, the SMMU's "
        "smallest granule\n");
}

TEST_CASE("ways that cannot be shared out among the partitions are refused") {
  CHECK(problem_of(R"({"entries": 64, "ways": 8, "partitions": 3})") ==
        "partitions: 8 ways cannot be shared out among 3 partitions\n");
}

TEST_CASE("an Invalidate Queue is at most as deep as there are ITags") {
  CHECK(problem_of(R"({"invalidate_queue": 33})") ==
        "invalidate_queue must be 1 to 32 messages, but is 33\n");
}
