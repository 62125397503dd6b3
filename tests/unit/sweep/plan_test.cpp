#include "analysis/sweep/plan.h"

#include <catch2/catch.hpp>
#include <cstdlib>
#include <filesystem>

#include "analysis/sweep/point_store.h"
#include "base/error.h"
#include "base/file.h"
#include "tests/unit/sweep/sample.h"

using namespace svasim;

namespace {

struct folder {
  std::string path = std::filesystem::temp_directory_path().string() + "/svasim-plan-XXXXXX";
  folder() { REQUIRE(::mkdtemp(path.data()) != nullptr); }
  ~folder() { std::filesystem::remove_all(path); }
};

sweep::plan sample_plan() {
  sweep::plan p;
  p.svasim_version = "0.1.0";
  p.name = "<b>\n\x1b[31m";
  p.sampling = "grid";
  p.input_kind = "workload";
  p.axes = {{{"entries", "ways"}, "count", "entries", {"4", "8"}, {4, 8}, false},
            {{"policy"}, "choice", "", {"lru"}, {}, true}};
  p.set = {{"latency", "5ns"}};
  p.constraints = {"entries > ways"};
  p.points = {{sweep::point_name("a"), {0, 0}}, {sweep::point_name("b"), {1, 0}}};
  return p;
}

std::string error_after(const folder& f, const std::string& from, const std::string& to) {
  std::string text = json_text(sample_plan());
  const std::size_t at = text.find(from);
  REQUIRE(at != std::string::npos);
  base::write_file_atomically(f.path + "/sweep.json", text.replace(at, from.size(), to));
  try {
    sweep::read_plan(f.path);
  } catch (const base::input_error& e) {
    return std::string(e.what()).substr(f.path.size());
  }
  return "accepted";
}

}  // namespace

TEST_CASE("a plan is read as it was written") {
  const folder f;
  sweep::point_store(f.path).write_plan(sample_plan());
  const sweep::plan p = sweep::read_plan(f.path);
  CHECK(json_text(p) == json_text(sample_plan()));
  CHECK(p.label(p.points[1]) == "entries=8, policy=lru");
  CHECK(p.name == "<b>\n\x1b[31m");
}

TEST_CASE("a plan that does not hold together is refused") {
  const folder f;
  CHECK(error_after(f, "\"format\": 1", "\"format\": 2") == "/sweep.json: format: must be 1");
  CHECK(error_after(f, "\"sampling\"", "\"smpling\"").substr(0, 41) ==
        "/sweep.json: sampling: is missing\n" + f.path.substr(0, 7));
  CHECK(error_after(f, "    1,\n    0", "    2,\n    0") ==
        "/sweep.json: points.1.values: must be one index for each axis");
  CHECK(error_after(f, sweep::point_name("b"), "../../etc/passwd") ==
        "/sweep.json: points.1.name: must be 32 hexadecimal digits");
  CHECK(error_after(f, sweep::point_name("b"), sweep::point_name("a")) ==
        "/sweep.json: points.1: is there twice");
}

TEST_CASE("names of points differ where what they stand for does") {
  CHECK(sweep::is_point_name(sweep::point_name("")));
  CHECK(sweep::point_name("a") == sweep::point_name("a"));
  CHECK(sweep::point_name("a") != sweep::point_name("b"));
  CHECK_FALSE(sweep::is_point_name("../0123456789abcdef0123456789abc"));
}

TEST_CASE("a result is there once its file is, and leftovers are no results") {
  const folder f;
  const sweep::plan p = sample_plan();
  const sweep::point_store store(f.path);
  base::write_file_atomically(store.result_file(p.points[0].name) + ".tmp.1", "{");
  CHECK(store.missing(p).size() == 2);
  store.write_result(p.points[0].name, "{}\n");
  REQUIRE(store.missing(p).size() == 1);
  CHECK(store.missing(p)[0] == &p.points[1]);
  store.remove_leftovers();
  CHECK_FALSE(std::filesystem::exists(store.result_file(p.points[0].name) + ".tmp.1"));
  CHECK(store.has_result(p.points[0].name));
}

TEST_CASE("a failure is kept with what the process said, and shown in one plain line") {
  const folder f;
  const sweep::point_store store(f.path);
  const std::string name = sweep::point_name("a");
  CHECK_FALSE(store.failure_of(name).has_value());
  store.write_failure(name, {1, 0, "first\x1b[31m\nsecond", "a=1"});
  const auto read = store.failure_of(name);
  REQUIRE(read.has_value());
  CHECK(read->message == "first\x1b[31m\nsecond");
  CHECK(read->text() == "exit 1: first\\x1b[31m");
  CHECK(sweep::failure{0, 9, "", ""}.text() == "killed by signal 9");
  store.remove_failure(name);
  CHECK_FALSE(store.failure_of(name).has_value());
}
