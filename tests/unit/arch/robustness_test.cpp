// Memory and registers may hold anything: a walk ends, within the reads the architecture allows.
#include <rapidcheck.h>

#include <algorithm>
#include <catch2/catch.hpp>

#include "arch/cd.h"
#include "arch/translate.h"
#include "base/bits.h"
#include "base/rng.h"

using namespace svasim;
using namespace svasim::arch;

namespace {
/// A memory whose every word is made up when it is read: mostly what lets a walk go on, else
/// anything.
class random_memory {
 public:
  explicit random_memory(base::rng& rng) : m_rng(rng) {}

  bool operator()(const fetch_request& f, std::uint64_t* out) {
    m_aligned = m_aligned && f.address.value() % f.size == 0;
    if (m_rng.chance(1, 20)) {
      for (unsigned i = 0; i < f.size / 8u; ++i) {
        out[i] = m_rng.next();
      }
      return m_rng.chance(1, 2);
    }
    structure_words words{};
    switch (f.kind) {
      case fetch_kind::l1std:
        words[0] = address(40) | (6 + m_rng.below(6));
        break;
      case fetch_kind::ste:
        words = encode(random_ste());
        break;
      case fetch_kind::l1cd:
        words[0] = address(40) | 1;
        break;
      case fetch_kind::cd:
        words = encode(random_cd());
        break;
      default:
        // Table, page or, rarely, block; AF; read and write for either stage, rarely less.
        words[0] = address(44) | (m_rng.chance(1, 10) ? 1 : 3) | 1u << 10 | 1u << 6 |
                   m_rng.below(8) % 2 << 7;
    }
    std::copy(words.begin(), words.begin() + f.size / 8, out);
    return true;
  }
  bool aligned() const { return m_aligned; }

 private:
  std::uint64_t address(unsigned bits) {
    return m_rng.next() & base::low_mask(m_rng.chance(1, 20) ? 52 : bits - 6) & ~base::low_mask(12);
  }
  std::uint8_t below(std::uint64_t n) { return static_cast<std::uint8_t>(m_rng.below(n)); }

  ste random_ste() {
    ste s;
    s.valid = true;
    s.config = m_rng.chance(3, 4) ? ste_config::nested : static_cast<ste_config>(4 + below(4));
    s.s1_context_ptr = address(44);
    s.s1_cd_max = m_rng.chance(1, 2) ? std::uint8_t{0} : below(20);
    s.s1_format = below(3);
    s.dss = static_cast<s1dss>(below(4));
    s.s2_tg = below(3);
    s.s2_sl0 = below(3);
    s.s2_t0sz = static_cast<std::uint8_t>(16 + below(12));
    s.s2_ps = 5;
    s.s2_aa64 = true;
    s.s2_affd = m_rng.chance(1, 2);
    s.s2_r = m_rng.chance(1, 2);
    s.s2_ha = s.s2_hd = s.s2_ds = m_rng.chance(1, 2);
    s.s2_ttb = address(44);
    return s;
  }
  cd random_cd() {
    cd c;
    c.valid = c.aa64 = c.a = true;
    c.ips = 5;
    c.r = m_rng.chance(1, 2);
    c.ha = c.hd = c.ds = m_rng.chance(1, 2);
    for (auto& half : c.half) {
      half.tsz = static_cast<std::uint8_t>(16 + below(24));
      half.granule_shift = static_cast<std::uint8_t>(12 + 2 * below(3));
      half.epd = m_rng.chance(1, 10);
      half.tbi = m_rng.chance(1, 2);
      half.had = m_rng.chance(1, 2);
      half.ttb = address(44);
    }
    return c;
  }

  base::rng& m_rng;
  bool m_aligned = true;
};

registers random_registers(base::rng& rng) {
  registers words;
  words.cr0 = static_cast<std::uint32_t>(rng.next()) | 1;
  words.cr2 = static_cast<std::uint32_t>(rng.next());
  words.strtab_base = rng.next();
  words.strtab_base_cfg = 16 | 8u << 6 | static_cast<std::uint32_t>(rng.below(2)) << 16;
  words.idr0 |= 1u << 19;  // CD2L
  words.idr0 |= 2u << 6;   // HTTU
  words.idr1 |= 20u << 6;  // SSIDSIZE
  words.idr5 |= 1u << 7;   // DS
  if (rng.chance(1, 4)) {
    words.idr0 = static_cast<std::uint32_t>(rng.next());
    words.idr1 = static_cast<std::uint32_t>(rng.next());
    words.idr3 = static_cast<std::uint32_t>(rng.next());
    words.idr5 = static_cast<std::uint32_t>(rng.next());
    words.strtab_base_cfg = static_cast<std::uint32_t>(rng.next());
  }
  return words;
}

access_request random_request(base::rng& rng) {
  access_request request;
  request.sid = base::stream_id(static_cast<std::uint32_t>(rng.below(20)));
  request.has_ssid = rng.chance(1, 4);
  request.ssid = base::substream_id(static_cast<std::uint32_t>(rng.next() & 0xfffff));
  request.address = rng.chance(3, 4) ? rng.below(std::uint64_t{1} << 25) : rng.next();
  request.write = rng.chance(1, 2);
  return request;
}

/// What holds for any result; `deepest` keeps the longest walk that succeeded.
bool is_sound(const translation_result& r, const access_request& request, unsigned& deepest) {
  // Two-level structures 1 + 1 + 6 + 6, five by five levels 35, a table asked for once more 5.
  if (r.fetch_count() > 54 || (r.outcome == outcome::fault && r.event.sid != request.sid)) {
    return false;
  }
  if (r.outcome != outcome::ok) {
    return true;
  }
  deepest = std::max(deepest, r.fetch_count());
  const bool translated = r.entry.kind <= translation_kind::nested;
  return !translated || (r.output.value() >> 52 == 0 &&
                         (r.output.value() ^ r.entry.output.value()) >> r.entry.size_shift == 0);
}
}  // namespace

TEST_CASE("whatever memory holds, a walk ends within 54 reads and reads aligned addresses") {
  unsigned deepest = 0;
  REQUIRE(rc::check("random memory", [&](std::uint64_t seed) {
    base::rng rng(seed);
    const register_view regs(random_registers(rng));
    random_memory memory(rng);
    for (int i = 0; i < 200; ++i) {
      const access_request request = random_request(rng);
      if (!is_sound(translate(regs, memory, request), request, deepest)) {
        return false;
      }
    }
    return memory.aligned();
  }));
  CHECK(deepest >= 15);  // else the words above no longer get a walk anywhere
}
