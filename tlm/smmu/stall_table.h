// The stall model's bookkeeping (Arm IHI 0070 3.12.2): transactions that wait for CMD_RESUME or
// CMD_STALL_TERM. A record has a STAG, and stands for later faults of the same stream to the same
// page with the same kind of access. At most IDR5.STALL_MAX records; a transaction that finds none
// free waits, and tries again when one is.
//
// Leaves out: early retry without CMD_RESUME.
#pragma once

#include <cstdint>
#include <vector>

#include "arch/event.h"
#include "base/ids.h"

namespace svasim::smmu {

template <class Item>
class stall_table {
 public:
  enum class place : std::uint8_t { recorded, joined, none };

  /// `records` at a time, 1 to 65535.
  explicit stall_table(std::uint32_t records) : m_records(records) {}

  /// `item` stalls with the fault `e`. Where it is recorded, `e` gets its STAG and is to be
  /// written; without `can_write` it is not, and waits as if no record were free.
  place stall(Item item, arch::event& e, bool can_write = true) {
    record* free = nullptr;
    for (record& r : m_records) {
      if (r.items.empty()) {
        free = free == nullptr ? &r : free;
      } else if (is_same(r.fault, e)) {
        r.items.push_back(item);
        return place::joined;
      }
    }
    if (free == nullptr || !can_write) {
      m_waiting.push_back(item);
      return place::none;
    }
    e.stag = static_cast<std::uint16_t>(free - m_records.data());
    free->fault = e;
    free->items.push_back(item);
    ++m_used;
    return place::recorded;
  }

  /// What the record (`sid`, `stag`) stands for, oldest first; the record is free. Empty where
  /// there is no such record.
  std::vector<Item> resume(base::stream_id sid, std::uint16_t stag) {
    if (stag >= m_records.size() || m_records[stag].items.empty() ||
        m_records[stag].fault.sid != sid) {
      return {};
    }
    return take(m_records[stag]);
  }
  /// Everything of a stream that has a record, oldest record first by STAG.
  std::vector<Item> terminate(base::stream_id sid) {
    std::vector<Item> all;
    for (record& r : m_records) {
      if (r.items.empty() || r.fault.sid != sid) continue;
      const std::vector<Item> of_record = take(r);
      all.insert(all.end(), of_record.begin(), of_record.end());
    }
    return all;
  }
  /// Those that found no record free, in their order, as soon as one is; they fault anew.
  std::vector<Item> retry_waiting() {
    std::vector<Item> all;
    if (m_used < m_records.size()) all.swap(m_waiting);
    return all;
  }

  /// Records in use.
  std::uint32_t used() const { return m_used; }
  std::size_t waiting() const { return m_waiting.size(); }

 private:
  struct record {
    arch::event fault;
    std::vector<Item> items;
  };
  static bool is_same(const arch::event& a, const arch::event& b) {
    return a.sid == b.sid && a.has_ssid == b.has_ssid && a.ssid == b.ssid &&
           a.input_address >> 12 == b.input_address >> 12 && a.privileged == b.privileged &&
           a.instruction == b.instruction && a.read == b.read;
  }
  std::vector<Item> take(record& r) {
    std::vector<Item> items;
    items.swap(r.items);
    --m_used;
    return items;
  }

  std::vector<record> m_records;
  std::vector<Item> m_waiting;
  std::uint32_t m_used = 0;
};

}  // namespace svasim::smmu
