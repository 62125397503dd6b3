// Deals one trace out to the devices that own its StreamIDs, each of which asks for itself. What is
// the turn of another device waits for that one; when 1024 wait for a device, the trace does.
#pragma once

#include <deque>
#include <exception>
#include <memory>
#include <vector>

#include "platforms/topology.h"
#include "trace/feed.h"

namespace svasim::platforms {

class device_feeds {
 public:
  /// Both must outlive it. With one device, that one asks `from` itself.
  device_feeds(trace::feed& from, const topology_plan& plan);
  trace::feed& of(unsigned device);
  /// A record that nobody owns: SystemC hands on no more than the text of what is thrown.
  std::exception_ptr failure() const { return m_failure; }

 private:
  static constexpr std::size_t most_waiting = 1024;
  class one_feed final : public trace::feed {
   public:
    explicit one_feed(device_feeds& all) : m_all(all) {}
    trace::pull next(trace::record& out) override { return m_all.next(*this, out); }
    void completed(const trace::record& access) override { m_all.completed(access); }
    bool wants_completions() const override { return m_all.m_from.wants_completions(); }
    void on_ready(std::function<void()> wake) override { m_wake = std::move(wake); }

   private:
    friend class device_feeds;
    device_feeds& m_all;
    std::function<void()> m_wake;
    std::deque<trace::record> m_waiting;
    bool m_asleep = false;  // told "blocked"
  };

  trace::pull next(one_feed& f, trace::record& out);
  void completed(const trace::record& access);
  void wake_all();
  one_feed& owner(const trace::record& r);

  trace::feed& m_from;
  const topology_plan& m_plan;
  std::vector<std::unique_ptr<one_feed>> m_feeds;
  trace::record m_record;
  one_feed* m_stuck = nullptr;  // m_record is its, and it has no room
  bool m_ended = false;
  std::exception_ptr m_failure;
};

}  // namespace svasim::platforms
