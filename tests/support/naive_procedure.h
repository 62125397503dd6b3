// The naive walker's procedure: one object for each translation. naive_config.cpp has STE and CD,
// naive_tables.cpp the descriptors, naive_walker.cpp what comes of it.
#pragma once

#include <algorithm>
#include <array>

#include "naive_walker.h"

namespace svasim::test::naive {

inline word field(word w, int high, int low) {
  word out = 0;
  for (int i = high; i >= low; --i) {
    out = out * 2 + (w >> i) % 2;
  }
  return out;
}
inline bool flag(word w, int at) {
  return field(w, at, at) == 1;
}
/// `w` without its `n` low bits.
inline word clear_low(word w, unsigned n) {
  return n >= 64 ? 0 : w >> n << n;
}
inline bool fits(word w, unsigned bits) {
  return clear_low(w, bits) == 0;
}

/// Thrown where the procedure ends without a translation.
struct stop {
  unsigned event;  ///< 0: silently
  bool stage2 = false;
  unsigned cls = 0;
  bool tt_read = false;
  word ipa = 0;
  word fetch_address = 0;
};

inline constexpr unsigned f_translation = 0x10, f_addr_size = 0x11, f_access = 0x12,
                          f_permission = 0x13;
inline constexpr unsigned class_cd = 0, class_tt = 1, class_in = 2;

/// The lowest input address bit that `level` of a granule resolves (DDI 0487 D8.2).
unsigned low_bit(unsigned granule, int level);
/// Bits of an address size code (IDR5.OAS, CD.IPS, STE.S2PS).
unsigned size_of_code(word code);

struct tables {
  bool off = true;  ///< EPD
  unsigned granule = 12;
  int start = 0;
  unsigned input_bits = 0, output_bits = 0;
  bool wide = false;
  word root = 0;
  bool had = false, tbi = false;
};

struct rights {
  bool read = true, write = true, execute = true;
};

/// What a stage has found.
struct leaf {
  word output = 0;
  unsigned size = 64;
  rights can;  ///< of the privilege asked for, after updates
};

class procedure {
 public:
  procedure(memory& m, const registers& regs, const query& what) : m_memory(m), r(regs), q(what) {
    m_oas = size_of_code(field(r.idr5, 2, 0));
    m_ias = field(r.idr0, 3, 2) == 3 ? std::max(40u, m_oas) : m_oas;
    m_privileged = q.privileged;
    m_instruction = q.instruction;
  }

  answer run();

 private:
  word read(read_kind kind, int level, word address, const stop& on_abort);
  void get_ste();
  void check_ste();
  void check_s2();
  bool translation_request() { return q.kind == query::translation_request; }
  void ats_gate();
  leaf translate();
  word cd_address(word at) { return s2_on() ? stage2(at, class_cd, false).output : at; }
  bool get_cd();
  void check_cd();
  tables half(unsigned i);
  leaf stage1();
  rights s1_rights(word w, word hierarchy);
  leaf stage2(word ipa, unsigned cls, bool table_write);
  bool enough(rights can) {
    if (translation_request()) {
      return can.read || can.write;
    }
    return q.write ? can.write : m_instruction ? can.execute : can.read;
  }

  bool s1_on() { return config() == 5 || config() == 7; }
  bool s2_on() { return config() >= 6; }
  unsigned config() { return unsigned(field(ste[0], 3, 1)); }
  word httu() { return field(r.idr0, 7, 6); }
  bool granule_exists(unsigned g) { return flag(r.idr5, g == 12 ? 4 : g == 14 ? 5 : 6); }
  unsigned eats() {
    return flag(r.idr0, 10) && config() >= 5 ? unsigned(field(ste[1], 29, 28)) : 0;
  }
  std::array<word, 4> record(const stop& s);
  void finish(const stop& s);
  bool recorded(const stop& s);

  memory& m_memory;
  const registers& r;
  const query& q;
  unsigned m_oas, m_ias;
  bool m_privileged, m_instruction;
  bool m_el2 = false, m_el2_e2h = false;
  std::array<word, 8> ste{}, cd{};
  bool m_has_cd = false;
  tables m_s2;
  rights m_s1_can;
  answer m_answer;
};

}  // namespace svasim::test::naive
