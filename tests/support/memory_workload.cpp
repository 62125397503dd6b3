#include "memory_workload.h"

namespace svasim::test {

memory_workload& memory_workload::stream(std::uint32_t id, std::uint16_t asid) {
  m_about.streams.push_back({base::stream_id(id), base::asid(asid), base::vmid(0), 0});
  return *this;
}

memory_workload& memory_workload::region(std::uint32_t id, std::uint64_t iova, base::byte_size size,
                                         std::uint64_t output) {
  if (m_about.page_size.value() == 0) m_about.page_size = base::kib(4);
  m_about.regions.push_back({base::stream_id(id), base::iova(iova), size, output});
  return *this;
}

memory_workload& memory_workload::pages_of(base::byte_size size) {
  m_about.page_size = size;
  return *this;
}

trace::record& memory_workload::add(trace::record_kind kind) {
  trace::record r;
  r.kind = kind;
  r.line = m_records.size() + 1;
  m_records.push_back(r);
  m_about.lines += 1;
  return m_records.back();
}

memory_workload& memory_workload::access(bool write, std::uint64_t iova, std::uint32_t length) {
  trace::record& r = add(trace::record_kind::access);
  r.sid = base::stream_id(sid);
  r.write = write;
  r.length = length;
  r.address = base::iova(iova);
  m_about.accesses += 1;
  return *this;
}

memory_workload& memory_workload::read(std::uint64_t iova, std::uint32_t length) {
  return access(false, iova, length);
}

memory_workload& memory_workload::write(std::uint64_t iova, std::uint32_t length) {
  return access(true, iova, length);
}

memory_workload& memory_workload::command(const arch::command& c) {
  add(trace::record_kind::command).command = arch::encode(c);
  m_about.commands += 1;
  return *this;
}

memory_workload& memory_workload::invalidate(std::uint16_t asid, std::uint64_t iova) {
  arch::command c;
  c.op = arch::opcode::tlbi_nh_va;
  c.asid = base::asid(asid);
  c.address = iova >> 12 << 12;
  c.leaf = true;
  return command(c);
}

memory_workload& memory_workload::sync() {
  arch::command c;
  c.op = arch::opcode::sync;
  return command(c);
}

memory_workload& memory_workload::by(std::uint32_t id) {
  m_records.back().sid = base::stream_id(id);
  return *this;
}

memory_workload& memory_workload::at(base::duration time) {
  m_records.back().time = time;
  return *this;
}

memory_workload& memory_workload::to(std::uint64_t output) {
  m_records.back().output = output;
  m_records.back().has_output = true;
  return *this;
}

memory_source::memory_source(const memory_workload& from) : m_from(from) {}

bool memory_source::next(trace::record& out) {
  if (on_next) {
    const bool after =
        m_position != 0 && m_from.records()[m_position - 1].kind == trace::record_kind::access;
    on_next(after);
  }
  if (m_position == m_from.records().size()) return false;
  out = m_from.records()[m_position++];
  return true;
}

}  // namespace svasim::test
