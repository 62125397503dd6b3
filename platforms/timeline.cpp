#include "platforms/timeline.h"

#include <fmt/format.h>

#include <algorithm>
#include <cctype>
#include <utility>

#include "platforms/stream_counts.h"
#include "tlm/smmu/stream_keys.h"

namespace svasim::platforms {
namespace {

constexpr std::uint64_t root_track = 1;
constexpr std::uint64_t first_counter = 2;
constexpr std::uint64_t first_lane = 1000;

// What the name of a stage begins with, and whose time that is.
constexpr std::pair<const char*, const char*> owners[] = {{"device", "Device"},
                                                          {"link", "PCIe link"},
                                                          {"root_complex", "Root complex"},
                                                          {"tbu", "TBU"},
                                                          {"tcu", "TCU"},
                                                          {"config", "Walker"},
                                                          {"walk", "Walker"},
                                                          {"interconnect", "Interconnect"},
                                                          {"slc", "System-level cache"},
                                                          {"dram", "DRAM"}};

// A stage that is not in the list belongs to what its name begins with.
std::string owner_of(const std::string& stage) {
  for (const auto& [prefix, owner] : owners) {
    if (stage.rfind(prefix, 0) == 0) return owner;
  }
  std::string own = stage.substr(0, stage.find('_'));
  own[0] = static_cast<char>(std::toupper(static_cast<unsigned char>(own[0])));
  return own;
}

std::uint64_t ns(base::duration t) {
  return t.value() / 1000;
}

}  // namespace

timeline::timeline(track_events::sink out, std::uint64_t every, const std::string& name,
                   const occupancy_record& counters)
    : m_out(std::move(out)), m_every(every), m_counters(counters), m_lanes(root_track, first_lane) {
  m_lanes.add_component("Transactions");
  track_events::track root{root_track, 0, name, 0, false, true};
  m_out.add(root);
  // Components that a run may not meet have their place all the same.
  for (std::size_t i = 0; i < kit::stage_count; ++i) component_of(static_cast<kit::stage>(i));
  auto rank = static_cast<std::int64_t>(m_lanes.components());
  std::uint64_t uuid = first_counter;
  for (const occupancy_record::watched& w : counters.all()) {
    m_out.add(
        {uuid++, root_track, fmt::format("{} ({})", w.label, w.what->unit()), rank++, true, false});
  }
}

std::size_t timeline::component_of(kit::stage s) {
  const auto known = m_found.find(s);
  if (known != m_found.end()) return known->second;
  const std::string owner = owner_of(kit::about(s).name);
  std::size_t at = m_lanes.find(owner);
  if (at == m_lanes.components()) m_lanes.add_component(owner);
  m_found.emplace(s, at);
  return at;
}

void timeline::finished(const tlm::tlm_generic_payload& p, base::duration at) {
  const kit::dma_extension& ext = kit::extension_of(p);
  if (ext.id % m_every != 0) return;
  std::size_t lane = 0;
  if (!m_lanes.take(ext.log->started(), at, lane)) {
    ++m_left_out;
    return;
  }
  ++m_drawn;
  draw(p, at, lane);
  count(at);
}

void timeline::draw(const tlm::tlm_generic_payload& p, base::duration at, std::size_t lane) {
  const kit::dma_extension& ext = kit::extension_of(p);
  const std::uint64_t flow = ext.id + 1;  // 0 is no flow
  const base::duration start = ext.log->started();
  const std::string name =
      fmt::format("{} {:#x}", p.is_write() ? "write" : "read", ext.address.value());
  m_out.add({m_lanes.track(m_out, 0, lane), ns(start), ns(at), name, flow, false},
            {{"request", ext.id, {}},
             {"stream", 0, name_of_key(smmu::stream_key(ext))},
             {"output", 0, fmt::format("{:#x}", ext.translated.value())},
             {"bytes", p.get_data_length(), {}},
             {"result", 0, p.is_response_ok() ? "completed" : "faulted"},
             {"ps", (at - start).value(), {}}});
  base::duration begin = start;
  for (const kit::stage_log::segment& s : *ext.log) {
    const base::duration end = begin + s.length;
    m_out.add({m_lanes.track(m_out, component_of(s.what), lane), ns(begin), ns(end),
               kit::about(s.what).label, flow, &s + 1 == ext.log->end()},
              {{"request", ext.id, {}}, {"ps", s.length.value(), {}}});
    begin = end;
  }
}

void timeline::count(base::duration at) {
  std::uint64_t uuid = first_counter;
  for (const occupancy_record::watched& w : m_counters.all()) {
    m_out.count(uuid++, ns(at), w.what->current());
  }
}

}  // namespace svasim::platforms
