#include "naive_procedure.h"

namespace svasim::test::naive {

namespace {
/// Reference 5.2: stage 1 start level by TxSZ.
int s1_start(unsigned granule, unsigned tsz) {
  if (granule == 12) {
    return tsz <= 15 ? -1 : tsz <= 24 ? 0 : tsz <= 33 ? 1 : tsz <= 42 ? 2 : 3;
  }
  if (granule == 14) {
    return tsz <= 16 ? 0 : tsz <= 27 ? 1 : tsz <= 38 ? 2 : 3;
  }
  return tsz <= 21 ? 1 : tsz <= 34 ? 2 : 3;
}

/// Reference 5.3: S2T0SZ by start level, with concatenation.
bool s2_size_fits(unsigned granule, int level, unsigned tsz) {
  struct row {
    unsigned granule;
    int level;
    unsigned first, last;
  };
  static const row rows[] = {{12, -1, 12, 15}, {12, 0, 12, 24}, {12, 1, 21, 33}, {12, 2, 30, 42},
                             {12, 3, 39, 48},  {14, 0, 12, 16}, {14, 1, 13, 27}, {14, 2, 24, 38},
                             {14, 3, 35, 48},  {16, 1, 12, 21}, {16, 2, 18, 34}, {16, 3, 31, 47}};
  for (const row& r : rows) {
    if (r.granule == granule && r.level == level) {
      return tsz >= r.first && tsz <= r.last;
    }
  }
  return false;
}
}  // namespace

unsigned size_of_code(word code) {
  static const unsigned sizes[] = {32, 36, 40, 42, 44, 48, 52, 52};
  return sizes[code];
}

void procedure::get_ste() {
  const word log2size = std::min<word>({field(r.strtab_base_cfg, 5, 0), field(r.idr1, 5, 0), 32});
  if (q.sid >= (word{1} << log2size)) {
    throw stop{0x02};
  }
  word address = field(r.strtab_base, 55, 6) << 6;
  const bool two_level = field(r.strtab_base_cfg, 17, 16) == 1 && field(r.idr0, 28, 27) == 1;
  if (!two_level) {
    address = clear_low(address, unsigned(log2size) + 6) + word{q.sid} * 64;
  } else {
    word split = field(r.strtab_base_cfg, 10, 6);
    split = split == 8 || split == 10 ? split : 6;
    const word entries = log2size > split ? log2size - split : 0;
    address = clear_low(address, std::max(6u, unsigned(entries) + 3));
    const word index = q.sid >> split;
    const word l1 = read(read_kind::l1std, 0, address + index * 8, stop{0x03});
    const word span = field(l1, 4, 0);
    const word in_leaf = field(q.sid, int(split) - 1, 0);
    if (span == 0 || span > 11 || span > split + 1 || in_leaf >= (word{1} << (span - 1))) {
      throw stop{0x02};
    }
    address = clear_low(field(l1, 55, 0), unsigned(span) + 5) + in_leaf * 64;
  }
  ste[0] = read(read_kind::ste, 0, address, stop{0x03});
  for (unsigned i = 1; i < 8; ++i) {
    m_memory.read(read_kind::ste, 0, address + 8 * i, ste[i]);
  }
}

void procedure::check_s2() {
  const stop bad{0x04};
  const unsigned granules[] = {12, 16, 14, 0};
  const unsigned granule = granules[field(ste[2], 47, 46)];
  if (!flag(r.idr0, 0) || !flag(ste[2], 51) || flag(ste[2], 52) || granule == 0 ||
      !granule_exists(granule)) {
    throw bad;
  }
  const bool ds = flag(ste[3], 3) && flag(r.idr5, 7);
  const bool stt = flag(r.idr3, 9);
  const unsigned tsz = unsigned(field(ste[2], 37, 32));
  const unsigned sl0 = unsigned(field(ste[2], 39, 38));
  m_s2.wide = granule == 16 ? m_oas == 52 : ds;
  int level = 3 - int(sl0);
  if (granule == 12) {
    level = sl0 == 3 ? 3 : 2 - int(sl0);
    if (ds && flag(ste[3], 2)) {
      level = sl0 == 0 ? -1 : 9;
    } else if ((sl0 == 3 && !stt) || (sl0 == 2 && m_oas < 44)) {
      throw bad;
    }
  } else if (sl0 == 3 && !(granule == 14 && ds)) {
    throw bad;
  } else if (sl0 == 2 && m_oas < (granule == 14 ? 42u : 44u)) {
    throw bad;
  }
  const unsigned smallest = 64 - std::min(m_ias, m_s2.wide ? 52u : 48u);
  const unsigned largest = stt ? (granule == 16 ? 47 : 48) : 39;
  if (tsz < smallest || tsz > largest || !s2_size_fits(granule, level, tsz)) {
    throw bad;
  }
  m_s2.granule = granule;
  m_s2.start = level;
  m_s2.input_bits = 64 - tsz;
  m_s2.output_bits = std::min({size_of_code(field(ste[2], 50, 48)), m_oas, m_s2.wide ? 52u : 48u});
  const word ttb = field(ste[3], 51, 4) << 4;
  if (!fits(ttb, m_s2.output_bits)) {
    throw bad;
  }
  const unsigned root_bits = m_s2.input_bits - low_bit(granule, level) + 3;
  const bool far = m_s2.wide && (granule != 16 || m_s2.output_bits == 52);
  m_s2.root = clear_low(ttb, far ? std::max(root_bits, 6u) : root_bits);
  const bool ha = flag(ste[2], 56), hd = flag(ste[2], 55);
  const word stalls = field(r.idr0, 25, 24);
  const bool stall = flag(ste[2], 57);
  if ((ha && httu() == 0) || (hd && (httu() < 2 || !ha)) || (stall && stalls == 1) ||
      (!stall && stalls == 2)) {
    throw bad;
  }
}

void procedure::check_ste() {
  const stop bad{0x04};
  if (!flag(ste[0], 0)) {
    throw bad;
  }
  if (config() < 4) {
    throw stop{0};
  }
  if (config() == 4) {
    return;
  }
  const bool s2p = flag(r.idr0, 0);
  if (s2p && !flag(r.idr0, 18) && field(ste[2], 15, 8) != 0) {
    throw bad;
  }
  if (s1_on()) {
    const word cd_max = field(ste[0], 63, 59), format = field(ste[0], 5, 4);
    const bool cd2l = flag(r.idr0, 19);
    if (!flag(r.idr0, 1) || cd_max > std::min<word>(20, field(r.idr1, 10, 6)) ||
        (cd_max > 0 && (format == 3 || (format != 0 && !cd2l))) ||
        (flag(ste[1], 27) && field(r.idr0, 25, 24) != 0) ||
        (config() == 5 && flag(r.idr0, 9) && flag(ste[1], 30))) {
      throw bad;
    }
  }
  if (s2_on()) {
    check_s2();
  }
  const bool s2s = s2_on() && flag(ste[2], 57);
  if (eats() == 3 || (eats() != 0 && s2s) || (eats() == 2 && (config() != 7 || flag(r.idr0, 11)))) {
    throw bad;
  }
  if (config() == 5 && flag(r.idr0, 9) && field(ste[1], 31, 30) == 2) {
    (flag(r.cr2, 0) ? m_el2_e2h : m_el2) = true;
  }
}

/// Reference 10: returns where the transaction is one that goes on.
void procedure::ats_gate() {
  const bool check = flag(r.cr0, 4);
  const unsigned mode = eats() == 1 || check ? eats() : 0;
  if (mode == 0) {
    throw stop{translation_request() ? 0x05u : 0x07u};
  }
}

/// SubstreamID rules and the CD; false where stage 1 is skipped.
bool procedure::get_cd() {
  const word cd_max = field(ste[0], 63, 59), dss = field(ste[1], 1, 0);
  const stop bad_substream{0x08};
  if (!s1_on()) {
    if (q.has_ssid) throw bad_substream;
    return false;
  }
  word ssid = 0;
  if (q.has_ssid) {
    if (cd_max == 0 || q.ssid >= (word{1} << cd_max)) throw bad_substream;
    if (q.ssid == 0 && dss == 2) throw stop{0x06};
    ssid = q.ssid;
  } else if (cd_max > 0 && dss == 1) {
    return false;
  } else if (cd_max > 0 && dss != 2) {
    throw stop{0x06};
  }
  const word pointer = field(ste[0], 55, 6) << 6;
  const word format = cd_max == 0 ? 0 : field(ste[0], 5, 4);
  word at = pointer + ssid * 64;
  if (format != 0) {
    const word per_leaf = format == 1 ? 64 : 1024;
    const word l1_at = cd_address(pointer + ssid / per_leaf * 8);
    const word l1 = read(read_kind::l1cd, 0, l1_at, stop{0x09});
    const word leaf = field(l1, 55, 12) << 12;
    if (!flag(l1, 0) || !fits(leaf, s2_on() ? m_ias : m_oas)) throw bad_substream;
    at = leaf + ssid % per_leaf * 64;
  }
  at = cd_address(at);
  cd[0] = read(read_kind::cd, 0, at, stop{0x09});
  for (unsigned i = 1; i < 8; ++i) {
    m_memory.read(read_kind::cd, 0, at + 8 * i, cd[i]);
  }
  m_has_cd = true;
  return true;
}

tables procedure::half(unsigned i) {
  tables t;
  const int at = i == 0 ? 0 : 16;
  t.off = flag(cd[0], at + 14);
  const word tg = field(cd[0], at + 7, at + 6);
  const unsigned granules[2][4] = {{12, 16, 14, 0}, {0, 14, 12, 16}};
  t.granule = granules[i][tg];
  t.tbi = flag(cd[0], 38 + int(i));
  t.had = flag(cd[1 + i], 1) && flag(r.idr3, 2);
  if (t.off) {
    return t;
  }
  const stop bad{0x0a};
  if (t.granule == 0 || !granule_exists(t.granule)) throw bad;
  const bool ds = flag(cd[2], 58) && flag(r.idr5, 7);
  const unsigned tsz = unsigned(field(cd[0], at + 5, at));
  const bool far_va = field(r.idr5, 11, 10) == 1 && (ds || t.granule == 16);
  const unsigned largest = flag(r.idr3, 9) ? (t.granule == 16 ? 47 : 48) : 39;
  if (tsz < (far_va ? 12u : 16u) || tsz > largest) throw bad;
  t.input_bits = 64 - tsz;
  t.start = s1_start(t.granule, tsz);
  t.wide = t.granule == 16 ? m_oas == 52 : ds;
  t.output_bits = std::min({size_of_code(field(cd[0], 34, 32)), m_oas, t.wide ? 52u : 48u});
  const word ttb = field(cd[1 + i], 51, 4) << 4;
  if (!fits(ttb, t.output_bits)) throw bad;
  const unsigned root_bits = t.input_bits - low_bit(t.granule, t.start) + 3;
  const bool far = t.wide && (t.granule != 16 || t.output_bits == 52);
  t.root = clear_low(ttb, far ? std::max(root_bits, 6u) : root_bits);
  return t;
}

void procedure::check_cd() {
  const stop bad{0x0a};
  if (!flag(cd[0], 31) || !flag(cd[0], 41) || flag(cd[0], 15)) throw bad;
  half(0);
  half(1);
  const bool hd = flag(cd[0], 42), ha = flag(cd[0], 43), s = flag(cd[0], 44), a = flag(cd[0], 46);
  const word stalls = field(r.idr0, 25, 24);
  if ((ha && httu() == 0) || (hd && (httu() < 2 || !ha)) || (!a && flag(r.idr0, 26)) ||
      (s && (stalls == 1 || flag(ste[1], 27))) || (!s && stalls == 2)) {
    throw bad;
  }
}

}  // namespace svasim::test::naive
