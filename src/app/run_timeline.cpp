#include "app/run_timeline.h"

#include <fmt/format.h>

namespace svasim::app {

void run_timeline::watch(platforms::platform& p, std::uint64_t every, const std::string& name) {
  const auto write = [this](std::string_view bytes) {
    if (m_failure) return;
    try {
      m_file.write(bytes);
    } catch (...) {
      m_failure = std::current_exception();
    }
  };
  m_timeline.emplace(write, every, name, p.observed().occupancy());
  p.observed().on_finished = [this](const tlm::tlm_generic_payload& request, base::duration at) {
    m_timeline->finished(request, at);
  };
}

void run_timeline::finish() {
  if (m_failure) std::rethrow_exception(m_failure);
  m_file.commit();
}

std::string run_timeline::summary() const {
  std::string out = fmt::format("{} requests in the timeline", m_timeline->drawn());
  if (m_timeline->left_out() == 0) return out;
  return out + fmt::format(", {} left out as too many overlap", m_timeline->left_out());
}

}  // namespace svasim::app
