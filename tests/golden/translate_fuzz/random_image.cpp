#include "random_image.h"

#include "arch/cd.h"
#include "arch/descriptor.h"
#include "base/bits.h"

namespace svasim::test {

using arch::fetch_kind;
using base::rng;

namespace {

bool is_descriptor(fetch_kind kind) {
  return kind == fetch_kind::s1_descriptor || kind == fetch_kind::s2_descriptor;
}

}  // namespace

random_image::random_image(const smmu_profile& profile, scenario::scenario& s)
    : m_profile(profile), m_scenario(s), m_caps(s.registers) {
  for (unsigned i = 0; i < machines; ++i) m_machines.push_back(make_machine(i));
}

naive::read_kind random_image::kind_of(fetch_kind kind) {
  constexpr naive::read_kind of[] = {naive::read_kind::l1std, naive::read_kind::ste,
                                     naive::read_kind::l1cd,  naive::read_kind::cd,
                                     naive::read_kind::s1,    naive::read_kind::s2};
  return of[static_cast<unsigned>(kind)];
}

// External aborts are a matter of `ram`, not of chance.
std::uint64_t random_image::raw(const arch::fetch_request& f, std::uint64_t address,
                                std::uint64_t salt) {
  smmu_profile other = m_profile;
  other.seed += salt * 0x10001;
  random_memory m(other);
  std::uint64_t word = 0;
  m.read(kind_of(f.kind), f.level, address, word);
  return word;
}

// Stage 2 and world of a VM; mostly one that may be used.
arch::ste random_image::make_machine(unsigned index) {
  arch::fetch_request f;
  f.size = 64;
  rng g(m_profile.seed + index);
  arch::ste best;
  for (std::uint64_t salt = index + 1; salt < 400; salt += machines) {
    arch::structure_words words{};
    for (unsigned i = 0; i < 8; ++i) words[i] = raw(f, 0x1000 + i * 8, salt);
    best = arch::decode_ste(words);
    const arch::ste_config configs[] = {arch::ste_config::stage1, arch::ste_config::stage2,
                                        arch::ste_config::nested, arch::ste_config::nested};
    best.config = configs[g.below(4)];
    best.vmid = base::vmid(static_cast<std::uint16_t>(index * 21 + 2));
    if (arch::check(best, m_caps) == nullptr || g.chance(1, 60)) break;
  }
  return best;
}

// Of its own a stream has what no TLB may keep.
void random_image::settle_ste(arch::structure_words& words, std::uint64_t address) {
  const arch::ste own = arch::decode_ste(words);
  rng g(m_profile.seed ^ address);
  arch::ste s = m_machines[g.below(machines)];
  if (s.config == arch::ste_config::nested && g.chance(1, 3)) s.config = arch::ste_config::stage2;
  s.valid = own.valid;
  s.dss = own.dss;
  s.s1_stalld = own.s1_stalld;
  s.eats = own.eats;
  s.privcfg = g.chance(1, 4) ? own.privcfg : std::uint8_t{0};
  s.instcfg = g.chance(1, 4) ? own.instcfg : std::uint8_t{0};
  if (g.chance(1, 40)) s.config = g.chance(1, 2) ? arch::ste_config::bypass : own.config;
  words = arch::encode(s);
}

void random_image::settle_cd(arch::structure_words& words, std::uint64_t address) {
  arch::cd c = arch::decode_cd(words);
  const auto known = m_asids.find(address);
  if (known != m_asids.end()) {
    c.asid = known->second;
  } else {
    if (!fresh_asid(c.asid)) throw overlap_error("no ASID is left");
    m_asids[address] = c.asid;
  }
  words = arch::encode(c);
}

bool random_image::fresh_asid(base::asid& out) {
  if (m_next_asid >= 256) return false;
  out = base::asid(static_cast<std::uint16_t>(m_next_asid++));
  return true;
}

arch::structure_words random_image::structure(const arch::fetch_request& f, std::uint64_t salt) {
  arch::structure_words words{};
  for (unsigned i = 0; i < 8; ++i) words[i] = raw(f, f.address.value() + i * 8, salt);
  f.kind == fetch_kind::ste ? settle_ste(words, f.address.value())
                            : settle_cd(words, f.address.value());
  return words;
}

// All descriptors of a contiguous run come from its first one.
std::uint64_t random_image::descriptor(const arch::fetch_request& f, unsigned granule_shift,
                                       std::uint64_t salt) {
  constexpr std::uint64_t contiguous = 1ull << 52;
  const std::uint64_t at = f.address.value();
  const unsigned bits = arch::contiguous_bits(granule_shift, f.level);
  const std::uint64_t first = at & ~base::low_mask(bits + 3);
  const auto made_again = m_runs.find(first);
  const std::uint64_t word = raw(f, first, made_again == m_runs.end() ? 0 : made_again->second);
  const bool leaf = (word & 3) == (f.level == 3 ? 3u : 1u);
  // An update of one descriptor of a run would set it apart from the others.
  const bool agree = bits != 0 && (word & contiguous) != 0 && leaf && m_profile.httu == 0;
  // Nor can a run be where other tables have put descriptors that stand alone.
  bool alone = !agree;
  for (std::uint64_t member = first; !alone && member < first + (8ull << bits); member += 8) {
    alone =
        m_made.count(member) != 0 && member != at && !base::bit(m_now.read64(base::pa(member)), 52);
  }
  if (alone) return raw(f, at, salt) & ~contiguous;
  const unsigned shift =
      granule_shift + (3u - static_cast<unsigned>(f.level)) * (granule_shift - 3);
  const std::uint64_t index = (at - first) / 8;
  return (word & ~(base::low_mask(bits) << shift)) | index << shift;
}

void random_image::write(std::uint64_t address, std::uint64_t word) {
  m_now.write64(base::pa(address), word);
  if (!m_recording) m_scenario.memory.write64(base::pa(address), word);
}

void random_image::put(const arch::fetch_request& f, unsigned granule_shift, std::uint64_t salt) {
  if (f.size == 64) {
    const arch::structure_words words = structure(f, salt);
    for (unsigned i = 0; i < 8; ++i) write(f.address.value() + i * 8, words[i]);
  } else {
    write(f.address.value(), is_descriptor(f.kind) ? descriptor(f, granule_shift, salt)
                                                   : raw(f, f.address.value(), salt));
  }
}

void random_image::need(const arch::fetch_request& f, unsigned granule_shift) {
  unsigned there = 0;
  for (unsigned i = 0; i < f.size; i += 8) {
    const auto [made, fresh] = m_made.try_emplace(f.address.value() + i, f.kind);
    if (fresh) continue;
    ++there;
    const bool same =
        made->second == f.kind || (is_descriptor(made->second) && is_descriptor(f.kind));
    if (!same) throw overlap_error("a structure and a descriptor at one address");
  }
  if (there * 8u == f.size) return;
  if (there != 0) throw overlap_error("structures overlap");
  const bool recording = m_recording;
  m_recording = false;  // nobody has seen these words yet
  put(f, granule_shift, 0);
  m_recording = recording;
}

// A contiguous run is made again as a whole.
void random_image::make_again(const arch::fetch_request& f, unsigned granule_shift,
                              std::uint64_t salt) {
  if (!is_descriptor(f.kind) || !base::bit(m_now.read64(f.address), 52)) {
    return put(f, granule_shift, salt);
  }
  const unsigned bits = arch::contiguous_bits(granule_shift, f.level);
  const std::uint64_t first = f.address.value() & ~base::low_mask(bits + 3);
  m_runs[first] = salt;
  arch::fetch_request member = f;
  for (std::uint64_t at = first; at < first + (8ull << bits); at += 8) {
    member.address = base::pa(at);
    if (m_made.count(at) != 0) put(member, granule_shift, salt);
  }
}

}  // namespace svasim::test
