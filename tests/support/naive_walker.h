// The translation procedure of an SMMUv3 once more, to compare the one under test with: plain
// recursion over raw words, written from Arm IHI 0070 and DDI 0487 D8 alone. It shares no code with
// src/arch, keeps nothing between calls, and does everything the long way.
//
// Left out, as in src/arch: memory attributes, MPAM and VMS, the DPT, HAFT, 128-bit descriptors.
#pragma once

#include <array>
#include <cstdint>
#include <vector>

namespace svasim::test::naive {

using word = std::uint64_t;

enum class read_kind { l1std, ste, l1cd, cd, s1, s2 };

/// Words of physical memory. A word is 8 bytes; addresses are multiples of 8.
class memory {
 public:
  virtual ~memory() = default;
  /// False for an external abort.
  virtual bool read(read_kind kind, int level, word address, word& out) = 0;
  /// Compare and swap: the word before it.
  virtual word swap(word address, word expected, word desired) = 0;
};

struct registers {
  std::uint32_t idr0, idr1, idr3, idr5, cr0, cr2, gbpa, strtab_base_cfg;
  word strtab_base;
};

struct query {
  enum { untranslated, translation_request, translated } kind = untranslated;
  std::uint32_t sid = 0;
  bool has_ssid = false;
  std::uint32_t ssid = 0;
  word address = 0;
  bool write = false;  ///< of a translation request: not NW
  bool privileged = false;
  bool instruction = false;
};

/// One access to memory, in order.
struct access {
  read_kind kind;
  int level;
  word address;
  bool update;
  word desired;  ///< of an update

  friend bool operator==(const access& a, const access& b) {
    return a.kind == b.kind && a.level == b.level && a.address == b.address &&
           a.update == b.update && a.desired == b.desired;
  }
};

struct answer {
  enum { ok, fault, abort } outcome = abort;
  bool zero = false;             ///< a fault that answers with zeroes (CD.A = 0)
  std::array<word, 4> record{};  ///< with fault: the 32 bytes of the event
  word output = 0;               ///< with ok
  word ipa = 0;                  ///< with ok: after stage 1
  unsigned size = 0;             ///< with ok, of a translated access: log2 of the entry's bytes
  enum { success, ur, ca } status = success;                      ///< of a translation request
  bool may_read = false, may_write = false, may_execute = false;  ///< likewise
  std::vector<access> accesses;
};

answer translate(memory& m, const registers& r, const query& q);

}  // namespace svasim::test::naive
