// Whole traces through analyse(): against a naive model, and the scopes, page sizes and causes.
#include <rapidcheck.h>

#include <algorithm>
#include <array>
#include <catch2/catch.hpp>
#include <map>

#include "analysis/reuse/reuse.h"
#include "base/rng.h"
#include "small_trace.h"

using namespace svasim;
using namespace svasim::test;
using arch::opcode;
using reuse::miss_point;

namespace {

constexpr std::uint64_t page = 4096;

const reuse::curve& find(const reuse::result& r, const std::string& scope, std::uint32_t ways,
                         bool invalidations, std::uint64_t page_bytes = page) {
  for (const reuse::curve& c : r.curves) {
    if (c.scope == scope && c.ways == ways && c.invalidations == invalidations &&
        c.page_bytes == page_bytes) {
      return c;
    }
  }
  throw std::runtime_error("no curve of " + scope);
}

const miss_point& at(const reuse::curve& c, std::uint64_t entries) {
  return *std::find_if(c.points.begin(), c.points.end(),
                       [&](const miss_point& p) { return p.entries == entries; });
}

std::vector<std::string> scopes(const reuse::result& r) {
  std::vector<std::string> out;
  for (const reuse::curve& c : r.curves) {
    if (out.empty() || out.back() != c.scope) out.push_back(c.scope);
  }
  return out;
}

struct key {
  std::uint32_t sid;
  std::uint64_t page;
};

// One TLB, by the rules of the README of the recorded traces alone.
class plain_tlb {
 public:
  plain_tlb(std::size_t entries, std::size_t ways, unsigned shift)
      : m_ways(ways), m_shift(shift), m_sets(entries / ways) {}

  void access(std::uint32_t sid, std::uint64_t address) {
    const std::uint64_t p = address >> m_shift;
    std::vector<key>& set = m_sets[p % m_sets.size()];
    const auto found = std::find_if(set.begin(), set.end(),
                                    [&](const key& k) { return k.sid == sid && k.page == p; });
    if (found != set.end()) {
      set.erase(found);
    } else {
      ++m_misses;
      if (set.size() == m_ways) set.pop_back();
    }
    set.insert(set.begin(), {sid, p});
  }
  template <class Covered>
  void remove(Covered covered, std::uint64_t first, std::uint64_t last) {
    for (std::vector<key>& set : m_sets) {
      set.erase(std::remove_if(set.begin(), set.end(),
                               [&](const key& k) {
                                 return covered(k.sid) && k.page >= first >> m_shift &&
                                        k.page <= last >> m_shift;
                               }),
                set.end());
    }
  }
  std::uint64_t misses() const { return m_misses; }

 private:
  std::size_t m_ways;
  unsigned m_shift;
  std::vector<std::vector<key>> m_sets;
  std::uint64_t m_misses = 0;
};

// Streams 1 and 2 share ASID 7, stream 3 has ASID 9, stream 4 has ASID 7 of VMID 1.
const std::map<std::uint32_t, std::pair<unsigned, unsigned>> tags{
    {1, {7, 0}}, {2, {7, 0}}, {3, {9, 0}}, {4, {7, 1}}};

using numbers = std::vector<std::array<std::uint8_t, 4>>;

// What the numbers make: mostly accesses to few pages, so that small TLBs have something to lose.
trace::record record_of(const std::array<std::uint8_t, 4>& n) {
  const std::uint64_t address = (n[1] % 64u) * page + 0x40;
  const auto asid = static_cast<std::uint16_t>(n[2] % 2 == 0 ? 7 : 9);
  const auto vmid = static_cast<std::uint16_t>(n[3] % 4 == 0 ? 1 : 0);
  const auto pages = static_cast<std::uint8_t>(1 + n[3] % 32);
  switch (n[0] % 64) {
    case 0:
      return tlbi(opcode::tlbi_nsnh_all);
    case 1:
      return tlbi(opcode::tlbi_nh_all, 0, vmid);
    case 2:
      return tlbi(opcode::tlbi_s12_vmall, 0, vmid);
    case 3:
    case 4:
      return tlbi(opcode::tlbi_nh_asid, asid, vmid);
    case 5:
      return tlbi_range(opcode::tlbi_nh_vaa, 0, address - 0x40, pages, vmid);
    case 6:
      return tlbi_range(opcode::tlbi_s2_ipa, 0, address - 0x40, pages, vmid);
    case 7:
      return tlbi(opcode::cfgi_ste);
    default:
      if (n[0] % 64 < 20) {
        return tlbi_range(opcode::tlbi_nh_va, asid, address - 0x40, pages % 4 == 0 ? pages : 1,
                          vmid);
      }
      return access(1 + n[2] % 4u, address);
  }
}

void replay(const trace::record& r, plain_tlb& tlb) {
  if (r.kind == trace::record_kind::access) return tlb.access(r.sid.value(), r.address.value());
  const arch::command c = arch::decode_command(r.command);
  const bool by_range =
      c.op == opcode::tlbi_nh_va || c.op == opcode::tlbi_nh_vaa || c.op == opcode::tlbi_s2_ipa;
  const bool by_asid = c.op == opcode::tlbi_nh_va || c.op == opcode::tlbi_nh_asid;
  if (c.op == opcode::cfgi_ste) return;
  const std::uint64_t last = c.address + (c.tg == 0 ? 1u : c.num + 1u) * page - 1;
  tlb.remove(
      [&](std::uint32_t sid) {
        const auto [asid, vmid] = tags.at(sid);
        if (c.op == opcode::tlbi_nsnh_all) return true;
        return vmid == c.vmid.value() && (!by_asid || asid == c.asid.value());
      },
      by_range ? c.address : 0, by_range ? last : ~std::uint64_t{0});
}

std::uint64_t plain_misses(const std::vector<trace::record>& records, std::uint32_t only_sid,
                           std::size_t entries, std::size_t ways, bool invalidations,
                           unsigned shift) {
  plain_tlb tlb(entries, ways == 0 ? entries : ways, shift);
  for (const trace::record& r : records) {
    const bool is_access = r.kind == trace::record_kind::access;
    if (is_access ? only_sid == 0 || r.sid.value() == only_sid : invalidations) replay(r, tlb);
  }
  return tlb.misses();
}

small_trace four_streams(std::vector<trace::record> records) {
  small_trace t(std::move(records));
  for (const auto& [sid, tag] : tags) {
    t.stream(sid, static_cast<std::uint16_t>(tag.first), static_cast<std::uint16_t>(tag.second));
  }
  return t;
}

bool curves_agree(const reuse::result& r, const std::vector<trace::record>& records,
                  const std::string& name, std::uint32_t sid) {
  for (const unsigned shift : {12u, 14u}) {
    for (const std::uint32_t ways : {0u, 4u}) {
      for (const bool invalidations : {false, true}) {
        const reuse::curve& c = find(r, name, ways, invalidations, std::uint64_t{1} << shift);
        for (const std::uint64_t entries : {16u, 32u, 64u}) {
          if (at(c, entries).misses !=
              plain_misses(records, sid, entries, ways, invalidations, shift)) {
            return false;
          }
        }
      }
    }
  }
  return true;
}

}  // namespace

TEST_CASE("curves of random traces with every invalidation agree with plain TLBs") {
  REQUIRE(rc::check([](const numbers& half) {
    numbers raw = half;
    raw.insert(raw.end(), half.rbegin(), half.rend());
    std::vector<trace::record> records;
    bool seen[5] = {};
    for (const auto& n : raw) {
      records.push_back(record_of(n));
      if (records.back().kind == trace::record_kind::access) {
        seen[records.back().sid.value()] = true;
      }
    }
    reuse::options o;
    o.caches.ways = 4;
    o.page_bytes = {page, 4 * page};
    small_trace t = four_streams(records);
    const reuse::result r = reuse::analyse(t, o);
    if (!curves_agree(r, records, "total", 0)) return false;
    for (std::uint32_t sid = 1; sid <= 4; ++sid) {
      if (seen[sid] && !curves_agree(r, records, "sid:0x" + std::to_string(sid), sid)) return false;
    }
    return true;
  }));
}

TEST_CASE("a long random trace agrees with plain TLBs") {
  base::rng rng(3);
  std::vector<trace::record> records;
  for (unsigned i = 0; i < 20000; ++i) {
    std::array<std::uint8_t, 4> n{};
    for (std::uint8_t& b : n) b = static_cast<std::uint8_t>(rng.below(256));
    records.push_back(record_of(n));
  }
  reuse::options o;
  o.caches.ways = 4;
  o.page_bytes = {page, 4 * page};
  small_trace t = four_streams(records);
  const reuse::result r = reuse::analyse(t, o);
  CHECK(curves_agree(r, records, "total", 0));
  CHECK(curves_agree(r, records, "sid:0x1", 1));
  CHECK(curves_agree(r, records, "sid:0x4", 4));
}

TEST_CASE("each stream and each PASID has curves, those of the trace come first") {
  small_trace t({access(0x10, 5, 0), access(8, 0), access(0x10, 3, page), access(0x10, 5, page)});
  t.stream(8, 1).stream(0x10, 2);
  const reuse::result r = reuse::analyse(t, {});
  CHECK(scopes(r) ==
        std::vector<std::string>{"total", "sid:0x8", "sid:0x10", "pasid:0x10/3", "pasid:0x10/5"});
  CHECK(r.accesses == 4);
  CHECK(r.distinct_pages == 3);
  CHECK(find(r, "sid:0x10", 0, true).accesses == 3);
  CHECK(find(r, "pasid:0x10/5", 0, false).accesses == 2);
  CHECK(find(r, "pasid:0x10/5", 0, false).distinct_pages == 2);
}

TEST_CASE("PASIDs of a stream share its pages in the total and have their own in their scopes") {
  small_trace t({access(8, 1, 0), access(8, 2, 0)});
  t.stream(8, 1);
  const reuse::result r = reuse::analyse(t, {});
  CHECK(at(find(r, "total", 0, false), 16).misses == 1);
  CHECK(at(find(r, "pasid:0x8/1", 0, false), 16).misses == 1);
  CHECK(at(find(r, "pasid:0x8/2", 0, false), 16).misses == 1);
}

TEST_CASE("the option --total leaves out streams and PASIDs") {
  small_trace t({access(8, 1, 0), access(9, 0)});
  t.stream(8, 1).stream(9, 2);
  reuse::options o;
  o.total_only = true;
  CHECK(scopes(reuse::analyse(t, o)) == std::vector<std::string>{"total"});
}

TEST_CASE("a trace without accesses has a curve of zeros") {
  small_trace t({tlbi(opcode::tlbi_nsnh_all)});
  const reuse::result r = reuse::analyse(t, {});
  CHECK(r.accesses == 0);
  CHECK(scopes(r) == std::vector<std::string>{"total"});
  for (const miss_point& p : find(r, "total", 0, true).points) CHECK(p.misses == 0);
}

TEST_CASE("a single address names the whole granule of the trace") {
  const std::uint64_t granule = 4 * page;
  reuse::options o;
  o.page_bytes = {page};
  small_trace t({access(8, granule + page), access(8, 3 * granule),
                 tlbi_range(opcode::tlbi_nh_va, 1, granule, 1), access(8, granule + page),
                 access(8, 3 * granule)});
  t.stream(8, 1).granule(14);
  CHECK(at(find(reuse::analyse(t, o), "total", 0, true), 16).misses == 3);
}

TEST_CASE("an entry of a large page goes with any part of it") {
  reuse::options o;
  o.page_bytes = {std::uint64_t{2} << 20};
  small_trace t({access(8, 0), tlbi_range(opcode::tlbi_nh_va, 1, 511 * page, 1), access(8, 0)});
  t.stream(8, 1);
  const reuse::result r = reuse::analyse(t, o);
  CHECK(at(find(r, "total", 0, true, 2 << 20), 16).misses == 2);
  CHECK(at(find(r, "total", 0, false, 2 << 20), 16).misses == 1);
}

TEST_CASE("misses split into compulsory, coherence, capacity and conflict") {
  // 20 pages round and round, all in set 0 of the 4 sets that 16 entries at 4 ways make.
  std::vector<trace::record> records;
  for (unsigned round = 0; round < 3; ++round) {
    for (unsigned i = 0; i < 20; ++i) records.push_back(access(8, 4 * i * page));
    if (round == 1) records.push_back(tlbi_range(opcode::tlbi_nh_va, 1, 0, 1));
  }
  small_trace t(records);
  t.stream(8, 1);
  reuse::options o;
  o.caches.ways = 4;
  const reuse::result r = reuse::analyse(t, o);
  const miss_point full16 = at(find(r, "total", 0, true), 16);
  CHECK(full16.misses == 60);
  CHECK(full16.compulsory == 20);
  CHECK(full16.coherence == 1);
  CHECK(full16.capacity == 39);
  CHECK(full16.conflict == 0);
  const miss_point full32 = at(find(r, "total", 0, true), 32);
  CHECK(full32.misses == 21);
  CHECK(full32.capacity == 0);
  const miss_point four32 = at(find(r, "total", 4, true), 32);
  CHECK(four32.misses == 60);
  CHECK(four32.capacity == 0);
  CHECK(four32.conflict == 39);
  CHECK(at(find(r, "total", 4, false), 32).coherence == 0);
}

TEST_CASE("sets can miss less than full associativity, then conflict is below zero") {
  // 17 pages in turn: LRU over 16 entries always misses, sets that hold theirs do not.
  std::vector<trace::record> records;
  for (unsigned i = 0; i < 17 * 10; ++i) records.push_back(access(8, i % 17 * page));
  small_trace t(records);
  t.stream(8, 1);
  reuse::options o;
  o.caches.ways = 4;
  const miss_point p = at(find(reuse::analyse(t, o), "total", 4, false), 16);
  // Set 0 has five pages for four ways, the other three sets hold all of theirs.
  CHECK(p.misses == 5 * 10 + 12);
  CHECK(p.capacity == 17 * 10 - 17);
  CHECK(p.conflict == 62 - 170);
}

TEST_CASE("the sizes where a curve flattens are told to the entry") {
  std::vector<trace::record> records;
  for (unsigned i = 0; i < 37 * 100; ++i) records.push_back(access(8, i % 37 * page));
  small_trace t(records);
  t.stream(8, 1);
  const reuse::curve c = find(reuse::analyse(t, {}), "total", 0, false);
  CHECK(c.floor == 37);
  CHECK(c.entries_near == 37);
  CHECK(c.entries_full == 37);
}
