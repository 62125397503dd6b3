#include "app/run_timeline.h"

#include <fmt/format.h>

#include "base/error.h"

namespace svasim::app {

platforms::track_events::sink run_timeline::sink() {
  return [this](std::string_view bytes) {
    if (m_failure) return;
    try {
      m_file.write(bytes);
    } catch (...) {
      m_failure = std::current_exception();
    }
  };
}

void run_timeline::watch(platforms::platform& p, std::uint64_t every, const std::string& name) {
  m_timeline.emplace(sink(), every, name, p.observed().occupancy());
  p.observed().on_finished = [this](const tlm::tlm_generic_payload& request, base::duration at) {
    m_timeline->finished(request, at);
  };
}

void run_timeline::watch(platforms::sva_platform& p, std::uint64_t every, const std::string& name) {
  const platforms::variant v = p.params().served;
  if (platforms::fault_rows(v).empty()) {
    throw base::input_error(
        fmt::format("--timeline: variant {} has no faults to draw", platforms::letter(v)));
  }
  m_faults.emplace(sink(), every, name, p);
}

void run_timeline::finish() {
  if (m_failure) std::rethrow_exception(m_failure);
  m_file.commit();
}

std::string run_timeline::summary() const {
  const std::uint64_t drawn = m_faults ? m_faults->drawn() : m_timeline->drawn();
  const std::uint64_t left_out = m_faults ? m_faults->left_out() : m_timeline->left_out();
  std::string out = fmt::format("{} {} in the timeline", drawn, m_faults ? "faults" : "requests");
  if (left_out == 0) return out;
  return out + fmt::format(", {} left out as too many overlap", left_out);
}

}  // namespace svasim::app
