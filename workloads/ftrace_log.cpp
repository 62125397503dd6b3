#include "workloads/ftrace_log.h"

#include <algorithm>

#include "base/error.h"
#include "workloads/smmu_commands.h"

namespace svasim::workloads {
namespace {

using kind = ftrace_event::kind;
namespace cmd = smmu_commands;

constexpr std::uint64_t page = 4096;
constexpr std::uint8_t f_translation = 0x10;
constexpr std::uint16_t max_asid = 0xffff;
// Of a 48-bit address space; also what keeps the commands of one unmap few.
constexpr std::uint64_t max_pages = std::uint64_t{1} << 36;

bool reads(dma_direction d) {
  return d == dma_direction::to_device || d == dma_direction::both;
}
bool writes(dma_direction d) {
  return d == dma_direction::from_device || d == dma_direction::both;
}

}  // namespace

ftrace_log::ftrace_log(const std::string& path, const options&, bool) : m_lines(path) {}

bool ftrace_log::next(trace::record& out) {
  std::string_view line;
  while (!m_waiting.pop(out)) {
    if (!m_lines.next(line)) return false;
    text_fields f(m_lines, line);
    if (m_line.read(line, f)) handle(f);
  }
  return true;
}

void ftrace_log::handle(text_fields& f) {
  read_ftrace_event(m_line, f, m_event);
  if (m_event.what == kind::other) return;
  ++m_known_events;
  const std::uint32_t pid = m_line.pid();
  const dma_segment* s = m_event.segments.empty() ? nullptr : &m_event.segments.front();
  if (m_event.what == kind::map || m_event.what == kind::unmap) m_mappings.saw_iommu_event();
  // A task's mappings are complete when it goes on to something else.
  const bool more =
      m_event.what == kind::map || m_event.what == kind::dma_map || m_event.what == kind::request;
  if (!more || !m_mappings.waits_for_more(pid)) start(pid);
  switch (m_event.what) {
    case kind::map:
    case kind::dma_map:
    case kind::command:
      return m_mappings.add(m_event, pid, f);
    case kind::request:
      m_mappings.add(m_event, pid, f);
      return start(pid);
    case kind::unmap:
      return unmap(s->address, s->address + (s->size - 1));
    case kind::dma_unmap:
      if (!m_mappings.has_iommu_events()) {
        unmap(s->address & ~(page - 1), (s->address + (s->size - 1)) | (page - 1));
      }
      return;
    case kind::sync_cpu:
      return sync(false);
    case kind::sync_device:
      return sync(true);
    case kind::attach:
      m_default_sid = m_event.sid;
      return;
    case kind::fault:
      return fault();
    case kind::other:
      return;
  }
}

void ftrace_log::start(std::uint32_t pid) {
  for (const dma_mapping& m : m_mappings.started_by(pid)) {
    if (reads(m.direction)) access(m, false);
  }
}

void ftrace_log::unmap(std::uint64_t first, std::uint64_t last) {
  std::uint32_t sid = m_default_sid;
  for (const dma_mapping& m : m_mappings.remove(first, last)) {
    sid = sid_of(m);
    if (!m.started && reads(m.direction)) access(m, false);
    if (writes(m.direction)) access(m, true);
  }
  invalidate(first, last, sid);
}

void ftrace_log::sync(bool for_device) {
  const bool any = for_device ? reads(m_event.direction) : writes(m_event.direction);
  if (!any) return;
  for (const dma_segment& s : m_event.segments) {
    dma_mapping part;
    part.dma_first = s.address;
    part.dma_last = s.address + (s.size - 1);
    part.sid = m_event.sid;
    part.has_sid = true;
    part.first = part.dma_first;
    if (const dma_mapping* m = m_mappings.find(s.address)) {
      part.has_output = m->has_output;
      part.output = m->output + (s.address - m->first);
      part.dma_last = std::min(part.dma_last, m->last);
    }
    access(part, !for_device);
  }
}

void ftrace_log::access(const dma_mapping& m, bool write) {
  if (m.dma_first > m.dma_last) return;
  trace::record r = stamped();
  r.sid = base::stream_id(sid_of(m));
  asid_of(r.sid.value());
  r.write = write;
  r.address = base::iova(m.dma_first);
  r.has_output = m.has_output;
  r.output = m.has_output ? m.output + (m.dma_first - m.first) : 0;
  m_waiting.add_run(r, m.dma_last - m.dma_first + 1);
}

// As Linux' arm_smmu_tlb_inv_range cuts a range: at most 32 units of its lowest set bit a command.
void ftrace_log::invalidate(std::uint64_t first, std::uint64_t last, std::uint32_t sid) {
  trace::record r = stamped();
  r.kind = trace::record_kind::command;
  cmd::range_operands range;
  range.asid = asid_of(sid);
  range.address = first & ~(page - 1);
  range.granule = 1;
  range.leaf = true;
  std::uint64_t left = std::min((last / page) - (first / page) + 1, max_pages);
  while (left != 0) {
    const auto scale = static_cast<unsigned>(__builtin_ctzll(left));
    const std::uint64_t units = (left >> scale) & 31;
    range.pages = units << scale;
    left -= range.pages;
    if (const auto words = cmd::of_range(cmd::tlbi_nh_va, range)) {
      r.command = *words;
      m_waiting.add(r);
    }
    range.address += range.pages * page;
  }
  r.command = cmd::of_tag(cmd::sync, {}, {});
  m_waiting.add(r);
}

void ftrace_log::fault() {
  trace::record r = stamped();
  r.kind = trace::record_kind::event;
  r.event = f_translation;
  r.sid = base::stream_id(m_event.sid);
  m_waiting.add(r);
}

trace::record ftrace_log::stamped() {
  trace::record r;
  r.line = m_lines.number();
  r.time = m_line.time();
  return r;
}

std::uint16_t ftrace_log::asid_of(std::uint32_t sid) {
  const auto next = static_cast<std::uint16_t>(m_asids.size() + 1);
  const auto [at, is_new] = m_asids.emplace(sid, next);
  if (is_new && m_asids.size() >= max_asid) m_lines.fail(1, "more than 65534 devices");
  return at->second;
}

void ftrace_log::complete(trace::summary& s) const {
  s.lines = m_lines.number();
  s.clock_steps_back = m_line.steps_back();
  for (trace::stream_tag& t : s.streams) {
    t.asid = base::asid(m_asids.at(t.sid.value()));
    t.vmid = base::vmid();
  }
  if (m_known_events != 0) return;
  throw base::input_error(base::problem{
      m_lines.path(), 0, 0, "ftrace text without events of the systems iommu, dma, nvme or block"});
}

}  // namespace svasim::workloads
