// Answers against what a scenario expects: the acceptance rule of the translation oracle
// (tests/golden/oracle/README.md).
#pragma once

#include <string>

#include "platforms/scenario/answer.h"

namespace svasim::scenario {

/// Empty where the answer is this outcome (same result; same output address and, where the
/// expectation has it, kind; for a fault all fields in `check`), else what differs.
std::string difference(const query_answer& a, const expectation& e);
/// Empty where the answer is any of the acceptable outcomes, or nothing is expected; else the
/// difference to the first.
std::string difference(const query_answer& a, const step& s);
/// Empty where the command's fate is the expected one.
std::string difference(const command_answer& a, const step& s);

/// Empty where the reads are those of the cold walk `s.walk`. With `cold` false, some of them may
/// be missing, as caches can answer them.
std::string walk_difference(const query_answer& a, const step& s, bool cold);

/// Counts and collects, for one or many scenarios.
class comparison {
 public:
  /// `cold`: every walk is without help of caches; else only that of the first query of a case is,
  /// where stage 2 is walked once at most: what it leaves in caches helps the next stage 2 walk.
  explicit comparison(bool cold) : m_always_cold(cold) {}

  /// Forget what the case before may have left in caches.
  void begin_case() { m_cold = true; }
  /// The differences, one a line "CASE step N: DIFFERENCE\n"; empty where there is none.
  std::string query(const scenario& s, std::size_t step, const query_answer& a);
  std::string command(const scenario& s, std::size_t step, const command_answer& a);

  struct totals {
    std::uint64_t queries = 0, commands = 0, walks = 0, differences = 0;

    totals& operator+=(const totals& o);
    /// "N queries, M commands, K cold walks: X differences".
    std::string text() const;
  };
  const totals& counts() const { return m_totals; }

 private:
  std::string told(const scenario& s, std::size_t step, const std::string& what);

  bool m_always_cold;
  bool m_cold = true;
  totals m_totals;
};

}  // namespace svasim::scenario
