// A trace made of records in memory.
#pragma once

#include <utility>
#include <vector>

#include "arch/command.h"
#include "trace/record.h"

namespace svasim::test {

class small_trace final : public trace::source {
 public:
  explicit small_trace(std::vector<trace::record> records) : m_records(std::move(records)) {
    m_summary.granule_shift = 12;
  }
  small_trace& stream(std::uint32_t sid, std::uint16_t asid, std::uint16_t vmid = 0) {
    m_summary.streams.push_back({base::stream_id(sid), base::asid(asid), base::vmid(vmid), 0});
    return *this;
  }
  /// A stream of a virtio-iommu.
  small_trace& domain(std::uint32_t sid, std::uint32_t number) {
    trace::stream_tag t;
    t.sid = base::stream_id(sid);
    t.has_domain = true;
    t.domain = number;
    m_summary.streams.push_back(t);
    return *this;
  }
  small_trace& granule(std::uint8_t shift) {
    m_summary.granule_shift = shift;
    return *this;
  }

  bool next(trace::record& out) override {
    if (m_at == m_records.size()) return false;
    out = m_records[m_at++];
    return true;
  }
  const trace::summary& about() const override { return m_summary; }

 private:
  std::vector<trace::record> m_records;
  trace::summary m_summary;
  std::size_t m_at = 0;
};

inline trace::record access(std::uint32_t sid, std::uint64_t address) {
  trace::record r;
  r.sid = base::stream_id(sid);
  r.address = base::iova(address);
  r.length = 64;
  return r;
}

inline trace::record access(std::uint32_t sid, std::uint32_t ssid, std::uint64_t address) {
  trace::record r = access(sid, address);
  r.ssid = base::substream_id(ssid);
  r.has_ssid = true;
  return r;
}

inline trace::record command(const arch::command& c) {
  trace::record r;
  r.kind = trace::record_kind::command;
  r.command = arch::encode(c);
  return r;
}

/// A TLBI by ASID, or of everything that has no operands.
inline trace::record tlbi(arch::opcode op, std::uint16_t asid = 0, std::uint16_t vmid = 0) {
  arch::command c;
  c.op = op;
  c.asid = base::asid(asid);
  c.vmid = base::vmid(vmid);
  return command(c);
}

/// A TLBI of `pages` (1 to 32) pages of 4 KiB from `address`.
inline trace::record tlbi_range(arch::opcode op, std::uint16_t asid, std::uint64_t address,
                                std::uint8_t pages, std::uint16_t vmid = 0) {
  arch::command c;
  c.op = op;
  c.asid = base::asid(asid);
  c.vmid = base::vmid(vmid);
  c.address = address;
  c.tg = pages == 1 ? 0 : 1;
  c.num = static_cast<std::uint8_t>(pages - 1);
  return command(c);
}

}  // namespace svasim::test
