// The translation oracle in memory: cases of a memory image, registers and steps, as README.md
// describes.
#pragma once

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "arch/command.h"
#include "arch/registers.h"
#include "arch/translation.h"
#include "base/sparse_memory.h"

namespace svasim::oracle {

/// One acceptable outcome. For faults, `check` names the fields of `event` that must agree.
struct expectation {
  std::string result;  ///< "ok", "fault", "abort"
  std::uint64_t pa = 0;
  std::string kind;
  std::string suppressed;  ///< name of the event that an abort kept from being recorded
  arch::event event;
  std::vector<std::string> check;
};

enum class step_kind { query, memory_write, command };

struct step {
  step_kind kind = step_kind::query;
  // query
  arch::access_request request;
  std::vector<expectation> acceptable;  ///< the first is "expected"
  bool required = true;                 ///< coherence: only the current tables count
  bool has_walk = false;
  std::vector<std::pair<std::string, std::uint64_t>> walk;
  // memory_write
  std::vector<std::pair<std::uint64_t, std::uint64_t>> words;
  // command
  arch::command_words command{};
  bool consumed = true;
  unsigned cmdq_err = 0;
};

struct test_case {
  std::string id;
  std::string category;
  arch::registers registers;
  std::vector<std::pair<std::uint64_t, std::uint64_t>> ram;  ///< base, size
  base::sparse_memory memory;
  std::vector<step> steps;

  bool in_ram(std::uint64_t address, std::uint64_t size) const;
};

/// All cases of a gzip file of JSON lines. Throws std::runtime_error where it cannot be read.
std::vector<test_case> load(const std::string& path);

/// Empty where `result` is this outcome, else what differs.
std::string difference(const arch::translation_result& result, const expectation& e);
/// Empty where `result` is any of the acceptable outcomes, else the difference to the first.
std::string difference(const arch::translation_result& result, const step& s);

}  // namespace svasim::oracle
