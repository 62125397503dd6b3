#include "platforms/device_feeds.h"

#include <fmt/format.h>

#include "base/error.h"

namespace svasim::platforms {

device_feeds::device_feeds(trace::feed& from, const topology_plan& plan)
    : m_from(from), m_plan(plan) {
  if (plan.devices.size() == 1 && plan.devices[0].name.empty()) return;
  for (std::size_t i = 0; i < plan.devices.size(); ++i) {
    m_feeds.push_back(std::make_unique<one_feed>(*this));
  }
  from.on_ready([this] { wake_all(); });
}

trace::feed& device_feeds::of(unsigned device) {
  if (m_feeds.empty()) return m_from;
  return *m_feeds[device];
}

device_feeds::one_feed& device_feeds::owner(const trace::record& r) {
  const unsigned i = m_plan.owner_of(r.sid);
  if (i != topology_plan::none) return *m_feeds[i];
  const base::input_error e(base::problem{
      "", r.line, 0, fmt::format("no device of the platform owns StreamID {:#x}", r.sid.value())});
  m_failure = std::make_exception_ptr(e);
  throw e;
}

trace::pull device_feeds::next(one_feed& f, trace::record& out) {
  while (f.m_waiting.empty()) {
    if (m_stuck == nullptr && !m_ended) {
      const trace::pull answer = m_from.next(m_record);
      if (answer == trace::pull::blocked) break;
      m_ended = answer == trace::pull::end;
      if (m_ended) {
        wake_all();
      } else {
        m_stuck = &owner(m_record);
      }
    }
    if (m_ended) return trace::pull::end;
    if (m_stuck->m_waiting.size() == most_waiting) break;
    m_stuck->m_waiting.push_back(m_record);
    one_feed& ready = *m_stuck;
    m_stuck = nullptr;
    if (ready.m_asleep) {
      ready.m_asleep = false;
      ready.m_wake();
    }
  }
  f.m_asleep = f.m_waiting.empty();
  if (f.m_asleep) return trace::pull::blocked;
  const bool was_full = f.m_waiting.size() == most_waiting;
  out = f.m_waiting.front();
  f.m_waiting.pop_front();
  if (was_full) wake_all();
  return trace::pull::ready;
}

void device_feeds::completed(const trace::record& access) {
  m_from.completed(access);
  wake_all();
}

// All that were told to wait may ask again.
void device_feeds::wake_all() {
  for (const auto& f : m_feeds) {
    if (!f->m_asleep) continue;
    f->m_asleep = false;
    f->m_wake();
  }
}

}  // namespace svasim::platforms
