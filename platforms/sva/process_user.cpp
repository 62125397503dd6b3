#include "platforms/sva/process_user.h"

#include <fmt/format.h>

#include "base/error.h"
#include "platforms/sva/layout.h"
#include "platforms/sva/sva_platform.h"

namespace svasim::platforms {

// The devices of the plan's names, or all.
std::vector<unsigned> process_user::chosen(const topology_plan& plan) const {
  std::vector<unsigned> out;
  for (const std::string& name : names_in(m_plan.devices.names)) {
    const unsigned d = plan.device_named(name);
    if (d == topology_plan::none) {
      throw base::input_error(
          fmt::format("devices.names: the platform has no device \"{}\"", name));
    }
    out.push_back(d);
  }
  if (!out.empty()) return out;
  for (unsigned d = 0; d < plan.devices.size(); ++d) out.push_back(d);
  return out;
}

void process_user::place(const topology_plan& plan) {
  const std::vector<unsigned> devices = chosen(plan);
  const bool only = plan.devices[0].name.empty();
  std::vector<std::uint32_t> used(plan.devices.size());
  for (std::uint32_t f = 0; f < m_plan.vms * m_plan.devices.functions; ++f) {
    const unsigned d = devices[f % devices.size()];
    const device_plan& device = plan.devices[d];
    const std::uint32_t number = used[d]++;
    const std::uint32_t first =
        only ? plan.ports[0].root_complex.segment << 16 | sva_layout::first_function
             : device.first_stream;
    if (number > device.last_stream - first) {
      throw base::input_error(fmt::format(
          "devices: the workload needs more functions of \"{}\" than the {} StreamIDs it owns",
          device.name, number));
    }
    m_functions.push_back({base::stream_id(first + number), d, f / m_plan.devices.functions});
  }
  for (const device_plan& d : plan.devices) m_devices.push_back(d.params);
}

trace::feed& process_user::build_feed(unsigned device, stats::group* statistics) {
  m_work.push_back(std::make_unique<device::work_queues>(m_devices[device].work, statistics));
  m_work.back()->on_done = [this](std::uint64_t id, bool good) {
    m_processes[id >> 32]->done(static_cast<std::uint32_t>(id), good);
    for (const auto& p : m_processes) p->room();
  };
  return *m_work.back();
}

void process_user::start(sva_platform& p) {
  for (std::uint32_t vm = 0; vm < m_plan.vms; ++vm) {
    for (std::uint32_t i = 0; i < m_plan.processes; ++i) add(p, vm);
  }
}

void process_user::add(sva_platform& p, std::uint32_t vm) {
  const auto index = static_cast<std::uint32_t>(m_processes.size());
  const std::string name = fmt::format("process{}", index);
  std::vector<std::uint32_t> functions;
  for (std::uint32_t f = 0; f < m_functions.size(); ++f) {
    if (m_functions[f].vm == vm) functions.push_back(f);
  }
  const sva_platform::process_space space =
      p.add_process(functions, name + "_memory", m_plan.seed * 7919 + index);
  software::process::wiring w;
  w.machine = space.machine;
  w.who = space.who;
  w.memory = space.memory;
  w.first_touch = m_first_touch;
  w.mapping = space.mapping;
  w.submit = [this, functions, pinned = space.mapping != nullptr,
              index](const software::message& m) { return submit(functions, pinned, index, m); };
  w.on_finished = [this, &p] {
    if (--m_running != 0) return;
    for (const auto& work : m_work) work->close();
    p.user_finished();
  };
  ++m_running;
  m_processes.push_back(std::make_unique<software::process>(m_params.software.process,
                                                            space.kernel->mm, m_plan, index, w,
                                                            space.statistics, name.c_str()));
}

// To the functions in turn.
bool process_user::submit(const std::vector<std::uint32_t>& functions, bool pinned,
                          std::uint32_t process, const software::message& m) {
  const placed_function& to = m_functions[functions[m.index % functions.size()]];
  device::work work;
  work.id = std::uint64_t{process} << 32 | m.index;
  work.sid = to.sid;
  work.has_ssid = !pinned;
  work.ssid = pinned ? base::substream_id() : m.pasid;
  work.address = base::iova(m.address);
  work.length = m.length.value();
  work.access_length = static_cast<std::uint32_t>(m_plan.access.value());
  work.write_percent = m_plan.write_percent;
  work.order = m_plan.order;
  work.seed = m_plan.seed + work.id;
  return m_work[to.device]->submit(process % m_devices[to.device].work.queues, work);
}

std::string process_user::left() const {
  std::uint32_t in_flight = 0;
  for (const auto& p : m_processes) in_flight += p->in_flight();
  return fmt::format("{} processes are not done, {} messages", m_running, in_flight);
}

}  // namespace svasim::platforms
