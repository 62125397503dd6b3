// Every case of the translation oracle, without time.
#include <fmt/format.h>

#include <catch2/catch.hpp>
#include <string>
#include <vector>

#include "cached_smmu.h"
#include "platforms/scenario/compare.h"
#include "platforms/scenario/untimed.h"
#include "tests/support/scenarios.h"

using namespace svasim;
using scenario::step_kind;

namespace {
const std::string file = SVASIM_SOURCE_DIR "/tests/golden/oracle/public.jsonl.gz";

std::string label(const scenario::scenario& c, std::size_t step) {
  return fmt::format("{} {} step {}: ", c.id, c.category, step);
}

/// Where nothing is recorded, the oracle still says which event it was.
std::string suppression_difference(const scenario::query_answer& a, const scenario::step& s) {
  if (a.result != arch::outcome::abort) return {};
  const std::string got =
      a.event.type == arch::event_type::none ? "" : std::string(arch::name(a.event.type));
  for (const auto& e : s.acceptable) {
    if (e.result == arch::outcome::abort && e.suppressed == got) return {};
  }
  return fmt::format("suppressed '{}'", got);
}

/// What the answers without time and caches get wrong.
std::vector<std::string> wrong_answers(scenario::comparison& against) {
  std::vector<std::string> wrong;
  for (scenario::scenario& c : test::load_scenarios(file)) {
    const auto note = [&](std::size_t step, const std::string& what) {
      if (!what.empty()) wrong.push_back(label(c, step) + what);
    };
    scenario::answer_sink sink;
    sink.query = [&](std::size_t step, const scenario::query_answer& a) {
      note(step, against.query(c, step, a));
      note(step, suppression_difference(a, c.steps[step]));
    };
    sink.command = [&](std::size_t step, const scenario::command_answer& a) {
      note(step, against.command(c, step, a));
    };
    scenario::translate(c, sink);
  }
  return wrong;
}
}  // namespace

// TLBI_NH_VA with TG != 0 and NUM = SCALE = TTL = 0 is ILLEGAL (IHI 0070 4.4.1.1); the reference
// takes it.
TEST_CASE("every oracle answer but one is acceptable, with the same fetches in the same order") {
  scenario::comparison against(true);
  CHECK(wrong_answers(against) ==
        std::vector<std::string>{"p00434 tlbi.s1.unmap step 3: p00434 step 3: "
                                 "consumed false, cmdq_err 1, gerror_cmdq_err true instead of "
                                 "consumed true, cmdq_err 0, gerror_cmdq_err false\n"});
  CHECK(against.counts().text() == "3680 queries, 844 commands, 2231 cold walks: 1 differences");
}

TEST_CASE("the oracle holds the 629 cases its README promises") {
  CHECK(test::load_scenarios(file).size() == 629);
}

TEST_CASE("caches that forget only what invalidations name still give acceptable outcomes") {
  std::vector<std::string> wrong;
  std::uint64_t hits = 0;
  std::uint64_t resumed = 0;
  for (scenario::scenario& c : test::load_scenarios(file)) {
    oracle::cached_smmu smmu(c.registers);
    const auto read = [&c](const arch::fetch_request& f, std::uint64_t* words) {
      if (!c.in_ram(f.address.value(), f.size)) return false;
      c.memory.read(f.address, words, f.size);
      return true;
    };
    for (std::size_t i = 0; i < c.steps.size(); ++i) {
      const scenario::step& s = c.steps[i];
      if (s.kind == step_kind::memory_write) {
        for (const auto& [address, word] : s.words) c.memory.write64(base::pa(address), word);
      } else if (s.kind == step_kind::command) {
        const arch::command command = arch::decode_command(s.command);
        if (arch::check(command, smmu.regs().caps) == arch::command_error::none) {
          smmu.execute(command);
        }
      } else {
        const std::string d = difference(scenario::answer_of(smmu.translate(read, s.request)), s);
        if (!d.empty()) wrong.push_back(label(c, i) + d);
      }
    }
    hits += smmu.hits();
    resumed += smmu.resumed();
  }
  CHECK(wrong == std::vector<std::string>{});
  CHECK(hits > 500);
  CHECK(resumed > 500);
}
