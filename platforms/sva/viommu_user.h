// A recorded virtio-iommu log in the place of processes: one guest whose driver makes the map and
// unmap requests of the log on its virtqueue, served as variant f does (VMM, VFIO, host tables and
// invalidation), and devices that make the accesses.
//
// What waits, as recorded software waited: an access, for requests on its addresses that stand
// before it; an unmap, for accesses to its range that are under way. A log is a window: what it
// uses without having mapped or attached it was there before, and is put in place in no time.
//
// Leaves out: endpoints that change their domain.
#pragma once

#include <map>
#include <memory>
#include <vector>

#include "platforms/sva/device_user.h"
#include "platforms/sva/trace_streams.h"
#include "tlm/virtio/request_replay.h"
#include "trace/record.h"

namespace svasim::platforms {

class guest;

class viommu_user final : public device_user, private trace::feed {
 public:
  /// `source` must outlive it.
  explicit viommu_user(trace::source& source) : m_source(source) {}

  void place(const topology_plan& plan) override;
  std::uint32_t functions() const override { return m_streams.count(); }
  base::stream_id stream(std::uint32_t function) const override {
    return m_streams.stream(function);
  }
  std::uint32_t vm_of(std::uint32_t) const override { return 0; }
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
    std::map<trace::request_type, std::uint64_t> requests;
    std::uint64_t mapped_before = 0;  ///< pages
  };
  const counts& statistics() const { return m_counts; }
  const virtio::request_replay& driver() const { return *m_driver; }

 private:
  struct range {
    std::uint32_t domain;
    std::uint64_t first, last;
    bool contains(std::uint32_t d, std::uint64_t a) const {
      return d == domain && a >= first && a <= last;
    }
  };
  trace::pull next(trace::record& out) override;
  void completed(const trace::record& access) override;
  bool wants_completions() const override { return true; }
  void on_ready(std::function<void()> wake) override { m_wake = std::move(wake); }

  trace::pull advance(trace::record& out);
  bool fetch();
  bool request();
  bool access();
  void put_in_place(std::uint32_t domain);
  std::uint32_t domain_of(base::stream_id sid) const;
  void ensure_attached(base::stream_id sid);
  bool in_flight(const range& r) const;

  trace::source& m_source;
  trace_streams m_streams;
  sva_platform* m_platform = nullptr;
  guest* m_guest = nullptr;
  std::unique_ptr<virtio::request_replay> m_driver;
  std::function<void()> m_wake;
  trace::record m_record, m_behind;  // the next one, and the one after
  bool m_have = false, m_have_behind = false;
  std::map<std::uint32_t, std::uint32_t> m_domains;  // by StreamID
  std::map<std::uint32_t, bool> m_attached;          // by StreamID: the device has been told
  std::vector<trace::record> m_under_way;
  std::vector<range> m_pending;  // requests not known to be done
  counts m_counts;
  bool m_finished = false;
  std::exception_ptr m_failure;
};

}  // namespace svasim::platforms
