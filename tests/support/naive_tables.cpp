#include "naive_procedure.h"

namespace svasim::test::naive {

namespace {
unsigned entries_bits(unsigned granule) {
  return granule == 12 ? 9 : granule == 14 ? 11 : 13;
}

/// Address bits [51:12] of a descriptor.
word descriptor_address(word w, unsigned granule, bool wide) {
  if (!wide) {
    return clear_low(field(w, 47, 0), 12);
  }
  if (granule == 16) {
    return clear_low(field(w, 47, 0), 16) + (field(w, 15, 12) << 48);
  }
  return clear_low(field(w, 49, 0), 12) + (field(w, 9, 8) << 50);
}

bool block_exists(unsigned granule, int level, bool wide) {
  switch (granule) {
    case 12:
      return level == 1 || level == 2 || (level == 0 && wide);
    default:
      return level == 2 || (level == 1 && wide);
  }
}

/// log2 of a contiguous run of leaves (DDI 0487 D8.7).
unsigned run_size(unsigned granule, int level) {
  if (granule == 12) {
    return level == 3 ? 16 : level == 2 ? 25 : level == 1 ? 34 : 0;
  }
  if (granule == 14) {
    return level == 3 ? 21 : level == 2 ? 30 : 0;
  }
  return level == 3 ? 21 : level == 2 ? 34 : 0;
}

/// Bytes (log2) around `input` that one entry may answer for.
unsigned entry_size(word w, unsigned granule, int level, word output, word input,
                    unsigned input_bits) {
  const unsigned run = run_size(granule, level);
  const unsigned own = low_bit(granule, level);
  if (!flag(w, 52) || run == 0 || run > input_bits) {
    return own;
  }
  const bool aligned =
      field(output, int(run) - 1, int(own)) == field(input, int(run) - 1, int(own));
  return aligned ? run : own;
}
}  // namespace

/// DDI 0487 D8.2: the lowest input address bit that `level` of a granule resolves.
unsigned low_bit(unsigned granule, int level) {
  static const unsigned of_4k[] = {48, 39, 30, 21, 12};
  static const unsigned of_16k[] = {0, 47, 36, 25, 14};
  static const unsigned of_64k[] = {0, 0, 42, 29, 16};
  return (granule == 12 ? of_4k : granule == 14 ? of_16k : of_64k)[level + 1];
}

/// DDI 0487 D8.4: what stage 1 lets the privilege of the access do.
rights procedure::s1_rights(word w, word hierarchy) {
  const bool read_only = flag(w, 7) || flag(hierarchy, 62);
  const bool el0 = flag(w, 6) && !flag(hierarchy, 61);
  const bool uxn = flag(w, 54) || flag(hierarchy, 60);
  const bool pxn = flag(w, 53) || flag(hierarchy, 59);
  const bool wxn = flag(cd[0], 36), uwxn = flag(cd[0], 37), pan = flag(cd[0], 40);
  rights can;
  if (m_el2) {
    can.write = !read_only;
    can.execute = !uxn && !(wxn && can.write);
    return can;
  }
  if (!m_privileged) {
    can.read = el0;
    can.write = el0 && !read_only;
    can.execute = !uxn && !(wxn && can.write);
    return can;
  }
  const bool el0_writes = el0 && !read_only;
  can.read = !(pan && el0);
  can.write = can.read && !read_only;
  can.execute = !pxn && !el0_writes && !(wxn && !read_only) && !(uwxn && el0_writes);
  return can;
}

leaf procedure::stage1() {
  const bool upper = flag(q.address, 55);
  tables t = half(upper ? 1 : 0);
  word va = q.address;
  if (t.tbi) {
    va = field(va, 55, 0) + (upper ? word{0xff} << 56 : 0);
  }
  const stop miss{f_translation, false, class_in};
  if (t.off || (m_el2 && upper)) throw miss;
  for (unsigned i = t.input_bits; i < 64; ++i) {
    if (flag(va, int(i)) != upper) throw miss;
  }
  va = field(va, int(t.input_bits) - 1, 0);
  word table = t.root, hierarchy = 0;
  for (int level = t.start;; ++level) {
    const unsigned low = low_bit(t.granule, level);
    word index = va >> low;
    if (level != t.start) index %= word{1} << entries_bits(t.granule);
    const word offset = index * 8;
    const word at = s2_on() ? stage2(table + offset, class_tt, false).output : table + offset;
    word w = read(read_kind::s1, level, at, stop{0x0b, false, class_tt});
    for (;;) {
      if (!flag(w, 0) || (!flag(w, 1) && !block_exists(t.granule, level, t.wide))) throw miss;
      if (flag(w, 1) && level < 3) break;  // a table
      const word output = clear_low(descriptor_address(w, t.granule, t.wide), low);
      if (!fits(output, t.output_bits)) throw stop{f_addr_size, false, class_in};
      const bool ha = flag(cd[0], 43), hd = flag(cd[0], 42), af = flag(w, 10);
      if (!af && !ha && !flag(cd[0], 35)) throw stop{f_access, false, class_in};
      // Writable-clean: read-only by AP[2], but DBM lets a write change that.
      const bool clean = hd && flag(w, 51) && flag(w, 7);
      rights can = s1_rights(clean ? w - 128 : w, hierarchy);
      if (clean && !q.write) can.write = false;
      if (!enough(can)) throw stop{f_permission, false, class_in};
      word updated = ha && !af ? w + 1024 : w;
      if (clean && q.write && can.write) {
        updated -= 128;
      } else if (clean) {
        can.write = false;
      }
      if (updated != w) {
        const word where = s2_on() ? stage2(table + offset, class_tt, true).output : table + offset;
        m_answer.accesses.push_back({read_kind::s1, level, where, true, updated});
        const word found = m_memory.swap(where, w, updated);
        if (found != w) {
          w = found;
          continue;
        }
      }
      return {output + field(va, int(low) - 1, 0),
              entry_size(w, t.granule, level, output, va, t.input_bits), can};
    }
    table = clear_low(descriptor_address(w, t.granule, t.wide), t.granule);
    if (!fits(table, t.output_bits)) throw stop{f_addr_size, false, class_in};
    if (!t.had) hierarchy |= w;
  }
}

leaf procedure::stage2(word ipa, unsigned cls, bool table_write) {
  const auto fails = [&](unsigned event) {
    return stop{event, true, cls, event == f_permission && cls == class_tt && !table_write,
                clear_low(ipa, 12)};
  };
  if (!fits(ipa, m_s2.input_bits)) throw fails(f_translation);
  const unsigned granule = m_s2.granule;
  word table = m_s2.root;
  for (int level = m_s2.start;; ++level) {
    const unsigned low = low_bit(granule, level);
    word index = ipa >> low;
    if (level != m_s2.start) index %= word{1} << entries_bits(granule);
    const word at = table + index * 8;
    word w = read(read_kind::s2, level, at, stop{0x0b, true, cls});
    for (;;) {
      if (!flag(w, 0) || (!flag(w, 1) && !block_exists(granule, level, m_s2.wide))) {
        throw fails(f_translation);
      }
      if (flag(w, 1) && level < 3) break;
      const word output = clear_low(descriptor_address(w, granule, m_s2.wide), low);
      if (!fits(output, m_s2.output_bits)) throw fails(f_addr_size);
      const bool ha = flag(ste[2], 56), hd = flag(ste[2], 55), af = flag(w, 10);
      if (!af && !ha && !flag(ste[2], 53)) throw fails(f_access);
      const bool clean = hd && flag(w, 51) && !flag(w, 7);
      const word xn = field(w, 54, 53);
      const bool xnx = flag(r.idr3, 4);
      rights can;
      can.read = flag(w, 6);
      can.write = flag(w, 7) || (clean && (cls == class_in ? q.write : table_write));
      can.execute = can.read && (!xnx ? xn < 2 : m_privileged ? xn == 0 || xn == 3 : xn < 2);
      bool writes = table_write;
      if (cls == class_in) {
        can = {can.read && m_s1_can.read, can.write && m_s1_can.write,
               can.execute && m_s1_can.execute};
        if (!enough(can)) throw fails(f_permission);
        writes = q.write && can.write;
      } else if (table_write ? !can.write : !can.read) {
        throw fails(f_permission);
      }
      word updated = ha && !af ? w + 1024 : w;
      if (clean && writes) {
        updated += 128;
      } else if (clean) {
        can.write = false;
      }
      if (updated != w) {
        m_answer.accesses.push_back({read_kind::s2, level, at, true, updated});
        const word found = m_memory.swap(at, w, updated);
        if (found != w) {
          w = found;
          continue;
        }
      }
      return {output + field(ipa, int(low) - 1, 0),
              entry_size(w, granule, level, output, ipa, m_s2.input_bits), can};
    }
    table = clear_low(descriptor_address(w, granule, m_s2.wide), granule);
    if (!fits(table, m_s2.output_bits)) throw fails(f_addr_size);
  }
}

}  // namespace svasim::test::naive
