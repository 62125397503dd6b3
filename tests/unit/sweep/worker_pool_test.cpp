#include "analysis/sweep/worker_pool.h"

#include <fmt/format.h>
#include <unistd.h>

#include <catch2/catch.hpp>
#include <csignal>
#include <cstdio>
#include <map>
#include <stdexcept>

#include "base/error.h"

using namespace svasim;
using sweep::job_end;

namespace {

std::map<std::size_t, job_end> run(std::size_t count, unsigned workers,
                                   const std::function<void(std::size_t)>& work) {
  std::map<std::size_t, job_end> out;
  sweep::run_jobs(
      count, workers, work, [&](const job_end& e) { out[e.job] = e; }, [] {});
  return out;
}

}  // namespace

TEST_CASE("every job runs once in a process of its own") {
  int touched = 0;
  const auto ends = run(20, 3, [&](std::size_t job) {
    ++touched;  // of the copy
    if (touched != 1) throw std::runtime_error("not a fresh copy");
    std::printf("job %zu", job);
  });
  CHECK(touched == 0);
  REQUIRE(ends.size() == 20);
  for (const auto& [job, end] : ends) {
    CHECK(end.good());
    CHECK(end.message == fmt::format("job {}", job));
  }
}

TEST_CASE("what a job hands back is told from all else that it prints") {
  const auto ends = run(2, 2, [](std::size_t job) {
    std::printf("before");
    if (job == 1) sweep::hand_back("{\"n\":1}");
    std::printf("==7==behind\n");
  });
  CHECK_FALSE(ends.at(0).result().has_value());
  CHECK(ends.at(1).result() == std::optional<std::string>("{\"n\":1}"));
}

TEST_CASE("what a job throws comes back with its exit code") {
  const auto ends = run(3, 2, [](std::size_t job) {
    if (job == 0) throw base::input_error({"t.csv", 3, 4, "bad"});
    if (job == 1) throw std::runtime_error("stuck");
  });
  CHECK(ends.at(0).exit == 2);
  CHECK(ends.at(0).message == "t.csv:3:4: bad");
  CHECK(ends.at(1).exit == 1);
  CHECK(ends.at(1).message == "stuck");
  CHECK(ends.at(2).good());
}

TEST_CASE("a job that is killed tells the signal, and the others go on") {
  const auto ends = run(4, 2, [](std::size_t job) {
    if (job == 1) ::kill(::getpid(), SIGKILL);
  });
  REQUIRE(ends.size() == 4);
  CHECK(ends.at(1).signal == SIGKILL);
  CHECK_FALSE(ends.at(1).good());
  CHECK(ends.at(3).good());
}

TEST_CASE("what a job says beyond 16 KiB is dropped, not waited for") {
  const auto ends = run(1, 1, [](std::size_t) {
    const std::string line(1000, 'x');
    for (int i = 0; i < 1000; ++i) std::printf("%s\n", line.c_str());
  });
  CHECK(ends.at(0).good());
  CHECK(ends.at(0).message.size() == 16384);
}

TEST_CASE("an exception of the caller ends the workers") {
  const auto stop = [](const job_end&) { throw std::runtime_error("enough"); };
  CHECK_THROWS_WITH(sweep::run_jobs(
                        3, 3,
                        [](std::size_t job) {
                          if (job != 0) ::pause();
                        },
                        stop, [] {}),
                    "enough");
}
