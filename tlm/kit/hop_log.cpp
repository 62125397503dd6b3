#include "tlm/kit/hop_log.h"

#include <stdexcept>

namespace svasim::kit {

void hop_log::close(open_fault& f, base::duration t) {
  if (t < f.since) throw std::logic_error("a hop of a fault ends before it begins");
  f.so_far.on_path.push_back({f.current, t - f.since});
  f.since = t;
}

void hop_log::begin(const fault_key& key, base::duration t, hop first) {
  const auto there = m_open.find(key);
  if (there != m_open.end()) {
    ++m_overtaken;
    end(key, there->second.since < t ? t : there->second.since, false);
  }
  open_fault f;
  f.so_far.key = key;
  f.so_far.started = t;
  f.current = first;
  f.since = t;
  m_open.emplace(key, std::move(f));
  if (on_change) on_change();
}

void hop_log::enter(const fault_key& key, hop next, base::duration t) {
  const auto f = m_open.find(key);
  if (f == m_open.end()) return;
  close(f->second, t);
  f->second.current = next;
  if (on_change) on_change();
}

void hop_log::enter_no_earlier(const fault_key& key, hop next, base::duration t) {
  const auto f = m_open.find(key);
  if (f != m_open.end()) enter(key, next, t < f->second.since ? f->second.since : t);
}

std::optional<hop> hop_log::current(const fault_key& key) const {
  const auto f = m_open.find(key);
  return f == m_open.end() ? std::nullopt : std::optional<hop>(f->second.current);
}

hop_log::serving::serving(hop_log* log, const fault_key& key) : m_log(log) {
  if (log == nullptr) return;
  m_process = sc_core::sc_get_current_process_handle().get_process_object();
  m_log->m_served[m_process] = key;
}

hop_log::serving::~serving() {
  if (m_log != nullptr) m_log->m_served.erase(m_process);
}

std::optional<fault_key> hop_log::served_here() const {
  const auto f = m_served.find(sc_core::sc_get_current_process_handle().get_process_object());
  return f == m_served.end() ? std::nullopt : std::optional<fault_key>(f->second);
}

void hop_log::beside(const fault_key& key, hop what, base::duration length) {
  const auto f = m_open.find(key);
  if (f != m_open.end()) f->second.so_far.beside.push_back({what, length});
}

void hop_log::rename(const fault_key& from, const fault_key& to) {
  auto node = m_open.extract(from);
  if (node.empty()) return;
  node.key() = to;
  if (!m_open.insert(std::move(node)).inserted) {
    throw std::logic_error("two faults of one name in a log");
  }
}

void hop_log::end(const fault_key& key, base::duration t, bool resolved) {
  const auto f = m_open.find(key);
  if (f == m_open.end()) return;
  close(f->second, t);
  finished_fault done = std::move(f->second.so_far);
  m_open.erase(f);
  done.ended = t;
  done.resolved = resolved;
  if (on_finished) on_finished(done);
  if (on_change) on_change();
}

}  // namespace svasim::kit
