// A scenario: a memory image, the registers of an SMMUv3, and steps that ask it for translations,
// change memory or give it commands. workloads/README.md describes the file format.
#pragma once

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "arch/command.h"
#include "arch/registers.h"
#include "arch/translation.h"
#include "arch/walk.h"
#include "base/sparse_memory.h"

namespace svasim::scenario {

/// One read of a walk.
struct fetch {
  arch::fetch_kind kind = arch::fetch_kind::ste;
  std::int8_t level = 0;  ///< of a descriptor, -1..3; else 0
  std::uint64_t address = 0;

  friend bool operator==(const fetch& a, const fetch& b) {
    return a.kind == b.kind && a.level == b.level && a.address == b.address;
  }
  friend bool operator!=(const fetch& a, const fetch& b) { return !(a == b); }
};
fetch fetch_of(const arch::fetch_request& f);
/// "STE", "S1L2".
std::string name(const fetch& f);
/// The inverse; false where `text` is no such name.
bool parse_fetch_name(const std::string& text, fetch& f);

/// Fields of an event as `check` names them.
enum class event_field : std::uint8_t { type, sid, input_addr, rnw, s2, cls, ipa, fetch_addr };
inline constexpr const char* event_field_names[] = {"type", "sid", "input_addr", "rnw",
                                                    "s2",   "cls", "ipa",        "fetch_addr"};

/// One acceptable outcome of a query.
struct expectation {
  arch::outcome result = arch::outcome::ok;
  std::uint64_t pa = 0;            ///< with ok
  std::string kind;                ///< with ok; empty: any
  std::string suppressed;          ///< with abort: the event that was kept from being recorded
  arch::event event;               ///< with fault
  std::vector<event_field> check;  ///< with fault: what of `event` counts
};

enum class step_kind : std::uint8_t { query, memory_write, command };

struct step {
  step_kind kind = step_kind::query;
  // query
  arch::access_request request;
  std::vector<expectation> acceptable;  ///< empty where nothing is expected; else the first is
                                        ///< "expected", the others are "also_ok"
  bool has_walk = false;
  std::vector<fetch> walk;  ///< of a cold translation
  // memory_write: address, word
  std::vector<std::pair<std::uint64_t, std::uint64_t>> words;
  // command
  arch::command_words command{};
  bool has_expected = false;  ///< of the command
  bool consumed = true;
  unsigned cmdq_err = 0;
  bool gerror_cmdq_err = false;
};

/// Base and size of a queue, as CMDQ_BASE and EVENTQ_BASE hold them.
struct queue_base {
  bool given = false;
  base::pa address;
  unsigned log2_entries = 0;
};

struct scenario {
  std::string id;
  std::string category;
  arch::registers registers;
  queue_base command_queue, event_queue;
  std::vector<std::pair<std::uint64_t, std::uint64_t>> ram;  ///< base, size: the memory there is
  base::sparse_memory memory;
  std::vector<step> steps;

  /// False where a byte of [address, address + size) is outside `ram`.
  bool in_ram(std::uint64_t address, std::uint64_t size) const;
};

/// CMDQ_BASE or EVENTQ_BASE (IHI 0070 6.3.26): ADDR aligned to the size of the queue, LOG2SIZE at
/// most `most_bits`.
queue_base decode_queue_base(std::uint64_t word, unsigned entry_shift, unsigned most_bits);

}  // namespace svasim::scenario
