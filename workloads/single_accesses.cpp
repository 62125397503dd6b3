#include "workloads/single_accesses.h"

#include <utility>

namespace svasim::workloads {

single_accesses::single_accesses(std::unique_ptr<trace::source> runs)
    : m_runs(std::move(runs)), m_summary(m_runs->about()) {
  m_summary.runs = m_summary.accesses;
}

bool single_accesses::next(trace::record& out) {
  if (m_left != 0) {
    --m_left;
  } else {
    if (!m_runs->next(m_record)) return false;
    m_left = std::exchange(m_record.repeats, 0);
  }
  out = m_record;
  return true;
}

}  // namespace svasim::workloads
