#include "platforms/sva/process_user.h"

#include <fmt/format.h>

#include "platforms/sva/layout.h"
#include "platforms/sva/sva_platform.h"

namespace svasim::platforms {

std::uint16_t process_user::requester_id(std::uint32_t function) const {
  return static_cast<std::uint16_t>(sva_layout::first_function + function);
}

trace::feed& process_user::build_feed(stats::group* device) {
  m_work = std::make_unique<device::work_queues>(m_params.device.work, device);
  m_work->on_done = [this](std::uint64_t id, bool good) {
    m_processes[id >> 32]->done(static_cast<std::uint32_t>(id), good);
    for (const auto& p : m_processes) p->room();
  };
  return *m_work;
}

void process_user::start(sva_platform& p) {
  for (std::uint32_t vm = 0; vm < m_plan.vms; ++vm) {
    for (std::uint32_t i = 0; i < m_plan.processes; ++i) add(p, vm);
  }
}

void process_user::add(sva_platform& p, std::uint32_t function) {
  const auto index = static_cast<std::uint32_t>(m_processes.size());
  const std::string name = fmt::format("process{}", index);
  const sva_platform::process_space space =
      p.add_process(function, name + "_memory", m_plan.seed * 7919 + index);
  software::process::wiring w;
  w.machine = space.machine;
  w.who = space.who;
  w.memory = space.memory;
  w.first_touch = m_first_touch;
  w.mapping = space.mapping;
  const bool pinned = space.mapping != nullptr;
  const auto queue = index % m_params.device.work.queues;
  w.submit = [this, sid = space.sid, pinned, index, queue](const software::message& m) {
    device::work work;
    work.id = std::uint64_t{index} << 32 | m.index;
    work.sid = sid;
    work.has_ssid = !pinned;
    work.ssid = pinned ? base::substream_id() : m.pasid;
    work.address = base::iova(m.address);
    work.length = m.length.value();
    work.access_length = static_cast<std::uint32_t>(m_plan.access.value());
    work.write_percent = m_plan.write_percent;
    work.order = m_plan.order;
    work.seed = m_plan.seed + work.id;
    return m_work->submit(queue, work);
  };
  w.on_finished = [this, &p] {
    if (--m_running != 0) return;
    m_work->close();
    p.user_finished();
  };
  ++m_running;
  m_processes.push_back(std::make_unique<software::process>(m_params.software.process,
                                                            space.kernel->mm, m_plan, index, w,
                                                            space.statistics, name.c_str()));
}

std::string process_user::left() const {
  std::uint32_t in_flight = 0;
  for (const auto& p : m_processes) in_flight += p->in_flight();
  return fmt::format("{} processes are not done, {} messages", m_running, in_flight);
}

}  // namespace svasim::platforms
