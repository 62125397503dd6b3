// The stall table against lists: who waits where, in which order, and that nobody is lost.
#include "tlm/smmu/stall_table.h"

#include <algorithm>
#include <catch2/catch.hpp>
#include <deque>
#include <map>

#include "steps.h"

using namespace svasim;
using table = smmu::stall_table<int>;
using place = table::place;

namespace {

arch::event fault(std::uint32_t sid, std::uint64_t address, bool read = true) {
  arch::event e;
  e.type = arch::event_type::f_translation;
  e.sid = base::stream_id(sid);
  e.input_address = address;
  e.read = read;
  e.stall = true;
  return e;
}

arch::event any_fault(test::dice& d) {
  arch::event e =
      fault(static_cast<std::uint32_t>(d.below(2)), d.below(3) << 12 | d.below(4096), d.one_in(2));
  e.has_ssid = d.one_in(2);
  e.ssid = base::substream_id(static_cast<std::uint32_t>(e.has_ssid ? d.below(2) : 0));
  e.privileged = d.one_in(4);
  e.instruction = d.one_in(4);
  e.type = d.one_in(2) ? arch::event_type::f_permission : arch::event_type::f_translation;
  return e;
}

// Stream, page and kind of access in words.
using cause = std::vector<std::uint64_t>;
cause cause_of(const arch::event& e) {
  return {e.sid.value(),
          e.has_ssid,
          e.ssid.value(),
          e.input_address / 4096,
          std::uint64_t{e.privileged},
          e.instruction,
          e.read};
}

class pair_under_test {
 public:
  explicit pair_under_test(std::uint32_t records) : m_capacity(records), m_table(records) {}

  bool step(std::uint64_t word) {
    test::dice d(word);
    const std::uint64_t kind = d.below(10);
    const auto stag = static_cast<std::uint16_t>(d.below(m_capacity + 2));
    bool good = false;
    if (kind < 6) {
      good = stall(any_fault(d), !d.one_in(6));
    } else if (kind < 8) {
      good = resume(base::stream_id(static_cast<std::uint32_t>(d.below(3))), stag);
    } else if (kind == 8) {
      good = terminate(base::stream_id(static_cast<std::uint32_t>(d.below(3))));
    } else {
      good = retry();
    }
    return good && m_table.used() == m_records.size() && m_table.used() <= m_capacity &&
           m_table.waiting() == m_waiting.size();
  }
  // Everybody comes out once.
  bool drains() {
    for (std::uint32_t sid = 0; sid < 2; ++sid) {
      if (!terminate(base::stream_id(sid))) return false;
    }
    return retry() && m_left == m_stalled && m_table.used() == 0 && m_table.waiting() == 0;
  }

 private:
  struct record {
    cause of;
    std::vector<int> items;
  };

  bool stall(arch::event e, bool can_write) {
    const int item = m_stalled++;
    const arch::event before = e;
    const place where = m_table.stall(item, e, can_write);
    const auto same = std::find_if(m_records.begin(), m_records.end(),
                                   [&](const auto& r) { return r.second.of == cause_of(e); });
    if (same != m_records.end()) {
      same->second.items.push_back(item);
      return where == place::joined && e == before;
    }
    if (!can_write || m_records.size() == m_capacity) {
      m_waiting.push_back(item);
      return where == place::none && e == before;
    }
    const bool unique = m_records.count(e.stag) == 0 && e.stag < m_capacity;
    m_records[e.stag] = {cause_of(e), {item}};
    return where == place::recorded && unique;
  }
  bool resume(base::stream_id sid, std::uint16_t stag) {
    std::vector<int> expected;
    const auto it = m_records.find(stag);
    if (it != m_records.end() && it->second.of.front() == sid.value()) {
      expected = it->second.items;
      m_records.erase(it);
    }
    return leaves(m_table.resume(sid, stag), expected);
  }
  bool terminate(base::stream_id sid) {
    std::vector<int> expected;
    for (auto it = m_records.begin(); it != m_records.end();) {
      if (it->second.of.front() != sid.value()) {
        ++it;
        continue;
      }
      expected.insert(expected.end(), it->second.items.begin(), it->second.items.end());
      it = m_records.erase(it);
    }
    return leaves(m_table.terminate(sid), expected);
  }
  bool retry() {
    std::vector<int> expected;
    if (m_records.size() < m_capacity) expected.swap(m_waiting);
    return leaves(m_table.retry_waiting(), expected);
  }
  bool leaves(const std::vector<int>& is, const std::vector<int>& expected) {
    m_left += static_cast<int>(is.size());
    return is == expected;
  }

  std::uint32_t m_capacity;
  table m_table;
  std::map<std::uint16_t, record> m_records;  // by STAG
  std::vector<int> m_waiting;
  int m_stalled = 0, m_left = 0;
};

}  // namespace

TEST_CASE("a stall table agrees with lists of who waits, and nobody is lost or comes out twice") {
  for (const std::uint32_t records : {1u, 2u, 5u, 64u}) {
    REQUIRE(rc::check([records] {
      pair_under_test pair(records);
      for (const std::uint64_t word : test::any_steps(200)) {
        if (!pair.step(word)) return false;
      }
      return pair.drains();
    }));
  }
}

TEST_CASE("faults of one stream to one page with one kind of access share a record") {
  table t(4);
  arch::event first = fault(1, 0x5000), second = fault(1, 0x5ff8), write = fault(1, 0x5000, false);
  arch::event other = fault(2, 0x5000), next = fault(1, 0x6000);
  CHECK(t.stall(10, first) == place::recorded);
  CHECK(t.stall(11, second) == place::joined);
  CHECK(t.stall(12, write) == place::recorded);
  CHECK(t.stall(13, other) == place::recorded);
  CHECK(t.stall(14, next) == place::recorded);
  CHECK(t.used() == 4);
  CHECK(t.resume(base::stream_id(1), first.stag) == std::vector<int>{10, 11});
  CHECK(t.resume(base::stream_id(1), first.stag).empty());
}

TEST_CASE("a record is not resumed in the name of another stream, nor one that is not there") {
  table t(2);
  arch::event e = fault(1, 0x5000);
  REQUIRE(t.stall(10, e) == place::recorded);
  CHECK(t.resume(base::stream_id(2), e.stag).empty());
  CHECK(t.resume(base::stream_id(1), 1).empty());
  CHECK(t.resume(base::stream_id(1), 0xffff).empty());
  CHECK(t.used() == 1);
}

TEST_CASE("one that finds no record joins what is there even when nothing can be written") {
  table t(1);
  arch::event e = fault(1, 0x5000), same = e, other = fault(1, 0x6000);
  CHECK(t.stall(10, other, false) == place::none);
  CHECK(t.stall(11, e) == place::recorded);
  CHECK(t.stall(12, same, false) == place::joined);
  CHECK(t.stall(13, other) == place::none);
  CHECK(t.retry_waiting().empty());
  CHECK(t.resume(base::stream_id(1), e.stag) == std::vector<int>{11, 12});
  CHECK(t.retry_waiting() == std::vector<int>{10, 13});
  CHECK(t.retry_waiting().empty());
}
