#include "stats/histogram.h"

#include <nlohmann/json.hpp>

namespace svasim::stats {

log_histogram histogram::whole() const {
  log_histogram all = m_recent;
  if (m_before) {
    all += *m_before;
  }
  return all;
}

void histogram::reset(base::duration) {
  m_recent.clear();
  m_before.reset();
}

void histogram::snapshot(base::duration) {
  if (!m_before) {
    m_before = std::make_unique<log_histogram>();
  }
  *m_before += m_recent;
  m_recent.clear();
}

nlohmann::json histogram::to_json(span which) const {
  return which == span::whole ? whole().to_json() : m_recent.to_json();
}

}  // namespace svasim::stats
