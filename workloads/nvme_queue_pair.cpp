#include "workloads/nvme_queue_pair.h"

namespace svasim::workloads {
namespace {

constexpr std::uint64_t page = nvme_layout::page;
constexpr std::uint64_t submission_entry = 64;
constexpr std::uint64_t completion_entry = 16;
constexpr std::uint64_t prp_entry = 8;

}  // namespace

nvme_queue_pair::command nvme_queue_pair::issue(operation op, std::uint64_t bytes,
                                                const trace::record& like, record_runs& to) {
  const std::uint32_t slot = m_submission;
  m_submission = (m_submission + 1) % m_layout.entries;
  add(like, m_layout.base + slot * submission_entry, submission_entry, false, to);
  command c{op, 0, bytes};
  if (op == operation::no_data) return c;
  const std::uint64_t whole = nvme_layout::round_up(bytes);
  if (m_pool_at + whole > m_layout.pool) m_pool_at = 0;
  c.buffer = m_layout.buffers() + m_pool_at;
  m_pool_at += whole;
  // PRP1 and PRP2 are in the entry; PRP2 points to a list where there are more than two pages.
  const std::uint64_t pages = whole / page;
  if (pages > 2) add(like, m_layout.lists() + slot * page, (pages - 1) * prp_entry, false, to);
  if (op == operation::write) add(like, c.buffer, bytes, false, to);
  return c;
}

void nvme_queue_pair::complete(const command& c, const trace::record& like, record_runs& to) {
  if (c.op == operation::read) add(like, c.buffer, c.bytes, true, to);
  add(like, m_layout.completions() + m_completion * completion_entry, completion_entry, true, to);
  m_completion = (m_completion + 1) % m_layout.entries;
}

void nvme_queue_pair::add(trace::record like, std::uint64_t address, std::uint64_t bytes,
                          bool write, record_runs& to) const {
  like.address = base::iova(address);
  like.write = write;
  to.add_run(like, bytes);
}

}  // namespace svasim::workloads
