#include <fmt/format.h>

#include "base/child_process.h"
#include "platforms/scenario/timed.h"
#include "random_case.h"

namespace svasim::test {

namespace {

std::string text_of(const scenario::query_answer& a) {
  scenario::query_answer without_walk = a;
  without_walk.walk.clear();
  return scenario::json_line("answer", 0, without_walk);
}

// The one that was kept from being recorded cannot be seen from outside.
bool same(const scenario::query_answer& a, const scenario::query_answer& b) {
  if (a.result != b.result) return false;
  switch (a.result) {
    case arch::outcome::ok:
      return a.pa == b.pa && a.kind == b.kind;
    case arch::outcome::fault:
      return arch::encode(a.event) == arch::encode(b.event);
    default:
      return true;
  }
}

// "" or the first difference; before it, a line with the reads that caches have saved.
std::string run_timed(random_case& c) {
  std::string difference;
  std::uint64_t spared = 0;
  scenario::answer_sink sink;
  sink.query = [&](std::size_t step, const scenario::query_answer& a) {
    const scenario::query_answer& expected = c.queries.at(step);
    if (expected.walk.size() > a.walk.size()) spared += expected.walk.size() - a.walk.size();
    if (!difference.empty() || same(a, expected)) return;
    const arch::access_request& r = c.s.steps[step].request;
    difference = fmt::format(
        "step {}: {} {:#x} by StreamID {:#x} SubstreamID {}: timed {}, pure {}", step,
        r.write ? "write" : "read", r.address, r.sid.value(),
        r.has_ssid ? fmt::format("{:#x}", r.ssid.value()) : "none", text_of(a), text_of(expected));
  };
  sink.command = [&](std::size_t step, const scenario::command_answer& a) {
    const scenario::command_answer& e = c.commands.at(step);
    if (!difference.empty() || (a.consumed == e.consumed && a.cmdq_err == e.cmdq_err)) return;
    difference = fmt::format("step {}: {} instead of {}", step, scenario::json_line("timed", 0, a),
                             scenario::json_line("pure", 0, e));
  };
  scenario::translate_timed(c.s, c.params, sink);
  return fmt::format("{}\n{}", spared, difference);
}

}  // namespace

std::string differ_when_timed(std::uint64_t seed, unsigned queries, fuzz_counts& counts) {
  random_case c;
  make_random_case(seed, queries, c, counts);
  if (c.queries.empty()) return "";
  const std::string text = base::in_child([&] { return run_timed(c); });
  const std::size_t end = text.find('\n');
  counts.spared += std::stoull(text.substr(0, end));
  const std::string difference = text.substr(end + 1);
  return difference.empty() ? "" : fmt::format("seed {}, {}", seed, difference);
}

std::string run_translate_fuzz(std::uint64_t first, std::uint64_t queries, fuzz_counts& counts) {
  constexpr unsigned queries_of_a_case = 120;
  for (std::uint64_t seed = first; counts.queries < queries; ++seed) {
    const std::string difference = differ_when_timed(seed, queries_of_a_case, counts);
    if (!difference.empty()) return difference;
  }
  return "";
}

}  // namespace svasim::test
