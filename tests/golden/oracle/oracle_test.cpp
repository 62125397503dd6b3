// Every case of the translation oracle, without time.
#include <fmt/format.h>

#include <catch2/catch.hpp>
#include <string>
#include <vector>

#include "arch/command.h"
#include "arch/translate.h"
#include "cached_smmu.h"
#include "oracle_case.h"

using namespace svasim;

namespace {
const std::string file = SVASIM_SOURCE_DIR "/tests/golden/oracle/public.jsonl.gz";

/// Reads the memory image; outside `ram` is an external abort.
class image {
 public:
  explicit image(oracle::test_case& c) : m_case(c) {}
  bool operator()(const arch::fetch_request& f, std::uint64_t* words) {
    constexpr const char* names[] = {"L1STD", "STE", "L1CD", "CD", "S1L", "S2L"};
    std::string kind = names[static_cast<std::size_t>(f.kind)];
    if (kind.back() == 'L') {
      kind += std::to_string(f.level);
    }
    m_walk.emplace_back(kind, f.address.value());
    if (!m_case.in_ram(f.address.value(), f.size)) {
      return false;
    }
    m_case.memory.read(f.address, words, f.size);
    return true;
  }
  std::vector<std::pair<std::string, std::uint64_t>> take_walk() { return std::move(m_walk); }

 private:
  oracle::test_case& m_case;
  std::vector<std::pair<std::string, std::uint64_t>> m_walk;
};

void apply_writes(oracle::test_case& c, const oracle::step& s) {
  for (const auto& [address, word] : s.words) {
    c.memory.write64(base::pa(address), word);
  }
}

std::string label(const oracle::test_case& c, std::size_t step) {
  return fmt::format("{} {} step {}: ", c.id, c.category, step);
}
}  // namespace

TEST_CASE("the oracle holds the 629 cases and 3680 queries its README promises") {
  const auto cases = oracle::load(file);
  std::size_t queries = 0;
  std::size_t commands = 0;
  for (const auto& c : cases) {
    for (const auto& s : c.steps) {
      queries += s.kind == oracle::step_kind::query;
      commands += s.kind == oracle::step_kind::command;
    }
  }
  CHECK(cases.size() == 629);
  CHECK(queries == 3680);
  CHECK(commands == 844);
}

TEST_CASE(
    "every oracle query gives an acceptable outcome, with the same fetches in the same order") {
  auto cases = oracle::load(file);
  std::vector<std::string> wrong;
  for (auto& c : cases) {
    const arch::register_view regs(c.registers);
    image memory(c);
    for (std::size_t i = 0; i < c.steps.size(); ++i) {
      const oracle::step& s = c.steps[i];
      if (s.kind == oracle::step_kind::memory_write) {
        apply_writes(c, s);
      }
      if (s.kind != oracle::step_kind::query) {
        continue;
      }
      const auto result = arch::translate(regs, memory, s.request);
      const auto walk = memory.take_walk();
      const std::string d = oracle::difference(result, s);
      if (!d.empty()) {
        wrong.push_back(label(c, i) + d);
      }
      if (s.has_walk && walk != s.walk) {
        wrong.push_back(label(c, i) + "the walk differs");
      }
      if (result.fetch_count() != walk.size()) {
        wrong.push_back(label(c, i) + "fetches are counted wrongly");
      }
    }
  }
  CHECK(wrong == std::vector<std::string>{});
}

// TLBI_NH_VA with TG != 0 and NUM = SCALE = TTL = 0 is ILLEGAL (IHI 0070 4.4.1.1); the reference
// takes it.
TEST_CASE("every oracle command but one is consumed or refused as expected") {
  const auto cases = oracle::load(file);
  std::vector<std::string> wrong;
  for (const auto& c : cases) {
    const arch::idr caps(c.registers);
    for (std::size_t i = 0; i < c.steps.size(); ++i) {
      const oracle::step& s = c.steps[i];
      if (s.kind != oracle::step_kind::command) {
        continue;
      }
      const auto error = arch::check(arch::decode_command(s.command), caps);
      if (static_cast<unsigned>(error) != s.cmdq_err ||
          (error == arch::command_error::none) != s.consumed) {
        wrong.push_back(label(c, i) + "the command's fate differs");
      }
    }
  }
  CHECK(wrong ==
        std::vector<std::string>{"p00434 tlbi.s1.unmap step 3: the command's fate differs"});
}

TEST_CASE("caches that forget only what invalidations name still give acceptable outcomes") {
  auto cases = oracle::load(file);
  std::vector<std::string> wrong;
  std::uint64_t hits = 0;
  std::uint64_t resumed = 0;
  for (auto& c : cases) {
    oracle::cached_smmu smmu(c.registers);
    image memory(c);
    for (std::size_t i = 0; i < c.steps.size(); ++i) {
      const oracle::step& s = c.steps[i];
      if (s.kind == oracle::step_kind::memory_write) {
        apply_writes(c, s);
      } else if (s.kind == oracle::step_kind::command) {
        const arch::command command = arch::decode_command(s.command);
        if (arch::check(command, smmu.regs().caps) == arch::command_error::none) {
          smmu.execute(command);
        }
      } else {
        const std::string d = oracle::difference(smmu.translate(memory, s.request), s);
        if (!d.empty()) {
          wrong.push_back(label(c, i) + d);
        }
      }
    }
    hits += smmu.hits();
    resumed += smmu.resumed();
  }
  CHECK(wrong == std::vector<std::string>{});
  CHECK(hits > 500);
  CHECK(resumed > 500);
}
