// A trace with its runs taken apart: each record of 1 + repeats accesses comes as that many records
// without repeats, all at its time and address. For what handles one access at a time.
#pragma once

#include <cstdint>
#include <memory>

#include "trace/record.h"

namespace svasim::workloads {

class single_accesses final : public trace::source {
 public:
  explicit single_accesses(std::unique_ptr<trace::source> runs);
  bool next(trace::record& out) override;
  const trace::summary& about() const override { return m_summary; }

 private:
  std::unique_ptr<trace::source> m_runs;
  trace::summary m_summary;
  trace::record m_record;
  std::uint32_t m_left = 0;  // repeats of m_record
};

}  // namespace svasim::workloads
