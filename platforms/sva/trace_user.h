// A trace or DMA workload in the place of processes: each of its streams is a function of the
// device that works for one process, whose pages are the ones it touches. None of them is there
// before the first touch, or, to compare with, each is put in place at its first access in no time.
//
// What software did in the trace is not done again: commands, page sizes and output addresses of
// the recorded machine are left out.
#pragma once

#include <tsl/robin_map.h>

#include <vector>

#include "platforms/sva/device_user.h"
#include "platforms/sva/trace_streams.h"
#include "tlm/software/process_memory.h"
#include "trace/record.h"

namespace svasim::platforms {

class trace_user final : public device_user, private trace::feed {
 public:
  /// `source` must outlive it.
  trace_user(trace::source& source, bool first_touch);

  void place(const topology_plan& plan) override {
    m_streams.place(plan, m_source.about().streams);
  }
  std::uint32_t functions() const override { return m_streams.count(); }
  base::stream_id stream(std::uint32_t function) const override {
    return m_streams.stream(function);
  }
  trace::feed& build_feed(unsigned device, stats::group*) override {
    return m_streams.feed(device, *this);
  }
  void start(sva_platform& p) override;
  bool finished() const override { return m_finished; }
  std::string left() const override;
  std::exception_ptr failure() const override {
    return m_failure ? m_failure : m_streams.failure();
  }

  struct counts {
    std::uint64_t accesses = 0;
    std::uint64_t commands = 0;  ///< left out
    std::uint64_t events = 0;
    std::uint64_t requests = 0;  ///< of a virtio-iommu; left out
    std::uint64_t pages = 0;     ///< distinct ones of all streams
  };
  const counts& statistics() const { return m_counts; }

 private:
  trace::pull next(trace::record& out) override;
  void completed(const trace::record&) override {}
  bool wants_completions() const override { return false; }
  void on_ready(std::function<void()>) override {}
  bool advance(trace::record& out);
  void admit(trace::record& access);

  trace::source& m_source;
  trace_streams m_streams;
  const bool m_first_touch;
  std::vector<software::process_memory*> m_memories;         // by function
  tsl::robin_map<std::uint32_t, std::uint32_t> m_functions;  // by StreamID
  counts m_counts;
  bool m_finished = false;
  std::exception_ptr m_failure;
};

}  // namespace svasim::platforms
