// A DMA engine between a list of accesses and a target that plays link, SMMU and memory.
#pragma once

#include <catch2/catch.hpp>
#include <vector>

#include "tests/support/scripted_target.h"
#include "tests/support/time_matchers.h"
#include "tlm/device/dma_engine.h"
#include "tlm/kit/protocol_checker.h"

namespace svasim::test {

class scripted_feed final : public trace::feed {
 public:
  std::vector<trace::record> records;
  std::size_t blocked_at = ~std::size_t{0};  ///< index of the record that is not to be had yet
  bool notify = false;
  std::size_t given = 0;
  std::vector<std::uint64_t> completed_lines;
  std::function<void()> wake;

  trace::pull next(trace::record& out) override {
    if (given == records.size()) return trace::pull::end;
    if (given == blocked_at) return trace::pull::blocked;
    out = records[given++];
    return trace::pull::ready;
  }
  void completed(const trace::record& access) override { completed_lines.push_back(access.line); }
  bool wants_completions() const override { return notify; }
  void on_ready(std::function<void()> f) override { wake = std::move(f); }

  trace::record& add(bool write, std::uint64_t address, std::uint32_t length,
                     base::duration at = base::duration()) {
    trace::record& r = records.emplace_back();
    r.write = write;
    r.address = base::iova(address);
    r.length = length;
    r.time = at;
    r.sid = base::stream_id(0x10);
    r.line = records.size();
    return r;
  }
  void add_reads(unsigned n) {
    for (unsigned i = 0; i < n; ++i) add(false, i * 4096ull, 64);
  }
};

/// The engine starts with the simulation: fill `feed` before run_until() or run_dry().
struct engine_bench {
  explicit engine_bench(const device::dma_engine_params& p = {}, bool notify = false)
      : feed(with(notify)), engine("engine", p, {base::bytes(256), base::bytes(512)}, feed, &root) {
    engine.to_link.bind(checker.upstream);
    checker.downstream.bind(link.socket);
    engine.on_finished = [this](base::duration at) {
      finished_at = at;
      ++finishes;
    };
  }
  static scripted_feed with(bool notify) {
    scripted_feed f;
    f.notify = notify;
    return f;
  }
  const device::dma_engine_stats& stats() const { return engine.statistics(); }

  scripted_feed feed;
  stats::group root{"test"};
  device::dma_engine engine;
  kit::protocol_checker checker{"checker"};
  scripted_target link{"link"};
  base::duration finished_at;
  unsigned finishes = 0;
};

}  // namespace svasim::test
