#include "tlm/software/viommu_backend.h"

#include "tlm/kit/time.h"

namespace svasim::software {

using arch::viommu_request;
using arch::viommu_status;
using kit::hop;
using kit::now;

namespace {

// PAGE_RESP says in `code` what is to become of the group (its tag, and no requests).
fault_group group_of(const viommu_request& r) {
  fault_group g;
  g.sid = base::stream_id(r.endpoint);
  g.has_pasid = (r.flags & arch::viommu_resp_pasid_valid) != 0;
  g.pasid = base::substream_id(r.pasid);
  g.tag = static_cast<std::uint16_t>(r.group);
  return g;
}

arch::viommu_fault fault_of(const arch::page_request& r) {
  arch::viommu_fault f;
  f.reason = arch::viommu_fault_reason::mapping;
  f.page_request = true;
  f.read = r.read;
  f.write = r.write;
  f.execute = r.execute;
  f.privileged = r.privileged;
  f.last = r.last;
  f.has_address = true;
  f.has_pasid = r.has_ssid;
  f.has_group = true;
  f.needs_pasid = r.has_ssid;
  f.endpoint = r.sid.value();
  f.pasid = r.ssid.value();
  f.group = r.prg_index;
  f.address = r.address;
  return f;
}

}  // namespace

void viommu_backend_params::describe(describe::visitor& v) {
  v.field("backlog", backlog, {1, 65536}, "requests",
          "In the kernel: page requests that may wait for an event buffer.", "A: assumed");
  v.field("responses", responses, {1, 65536}, "responses",
          "In user space: responses that may wait for VFIO's workqueue.",
          "A: as many as fault records");
}

viommu_backend::viommu_backend(const viommu_backend_params& params, const kernel_costs& kernel,
                               const vmm_costs& costs, const wiring& w, stats::group* parent)
    : m_params(params),
      m_kernel(kernel),
      m_costs(costs),
      m_wiring(w),
      m_stats(parent),
      m_kicked(sc_core::sc_gen_unique_name("viommu_kick")),
      m_event_kicked(sc_core::sc_gen_unique_name("viommu_event_kick")),
      m_backlog(params.backlog) {
  kit::task_options o;
  o.who = user_space() ? kit::actor::vmm : kit::actor::hk;
  const std::string prefix = sc_core::sc_gen_unique_name("viommu");
  o.name = prefix + (user_space() ? "_ioeventfd_worker" : "_worker");
  w.machine->spawn(o, [this](kit::task& t) { serve(t); });
  o.name = prefix + (user_space() ? "_fault_thread" : "_event_worker");
  if (user_space()) {
    w.machine->spawn(o, [this](kit::task& t) { read_faults(t); });
    m_responses = std::make_unique<work_queue<fault_group>>(
        prefix + "_vfio_response", *w.machine, kit::actor::hk, 1, params.responses,
        kernel.work_dispatch,
        [this](kit::task& t, fault_group& g) { m_wiring.host->respond(t, g, g.success); },
        &m_stats);
  } else {
    w.machine->spawn(o, [this](kit::task& t) { send_backlog(t); });
  }
  set_hooks();
}

// --- requests -----------------------------------------------------------------------------------

void viommu_backend::set_hooks() {
  kit::viommu_hooks& hooks = m_wiring.device->hooks;
  hooks.on_page_response = [this](kit::task& t, const viommu_request& r) {
    return page_response(t, r);
  };
  hooks.on_invalidate = [this](kit::task& t, const viommu_request& r) { return invalidate(t, r); };
  hooks.on_attach_table = [this](kit::task& t, const viommu_request&) {
    t.compute(m_costs.request);
    into_kernel(t);
    return viommu_status::ok;
  };
  hooks.on_map = [this](kit::task& t, const viommu_request& r) {
    t.compute(m_costs.request);
    into_kernel(t);
    if (m_wiring.on_map) m_wiring.on_map(t, r);
    return viommu_status::ok;
  };
  hooks.on_unmap = [this](kit::task& t, const viommu_request& r,
                          const std::vector<kit::viommu_mapping>& removed) {
    t.compute(m_costs.request);
    into_kernel(t);
    if (m_wiring.on_unmap) m_wiring.on_unmap(t, r, removed);
    return viommu_status::ok;
  };
}

void viommu_backend::into_kernel(kit::task& t) {
  if (!user_space()) return;
  t.compute(m_kernel.syscall);
  t.compute(m_costs.vfio);
}

viommu_status viommu_backend::page_response(kit::task& t, const viommu_request& r) {
  fault_group g = group_of(r);
  if (m_wiring.log != nullptr) m_wiring.log->enter(g.key(), hop::vmm_response, now());
  t.compute(m_costs.request);
  g.success = static_cast<arch::viommu_page_code>(r.code) == arch::viommu_page_code::success;
  if (!user_space()) {
    m_wiring.host->respond(t, g, g.success);
    return viommu_status::ok;
  }
  to_vfio(t, g);
  return viommu_status::ok;
}

// The region holds as many responses as the workqueue; with all taken the VMM waits.
void viommu_backend::to_vfio(kit::task& t, const fault_group& g) {
  into_kernel(t);
  const std::uint64_t record[2] = {g.sid.value(), g.tag};
  t.write(m_wiring.response_region, record, sizeof record);
  if (m_wiring.log != nullptr) m_wiring.log->enter(g.key(), hop::hk_response_work, now());
  m_responses->queue_or_wait(t, g);
}

viommu_status viommu_backend::invalidate(kit::task& t, const viommu_request& r) {
  t.compute(m_costs.request);
  into_kernel(t);
  m_wiring.host->invalidate(
      t, {base::substream_id(r.pasid), base::asid(static_cast<std::uint16_t>(r.archid)),
          r.virt_start, r.inv_gran == arch::viommu_inv_va ? r.pages : 0});
  return viommu_status::ok;
}

void viommu_backend::kick_requests(kit::task& exit) {
  exit.compute(m_kernel.eventfd);
  m_stats.kicks += 1;
  m_kicked.raise();
}

void viommu_backend::kick_events(kit::task& exit) {
  exit.compute(m_kernel.eventfd);
  m_stats.kicks += 1;
  m_event_kicked.raise();
  if (user_space()) m_wiring.ring->signal().raise();
}

void viommu_backend::serve(kit::task& t) {
  for (;;) {
    t.sleep(m_kicked);
    if (user_space()) t.compute(m_kernel.syscall);
    m_wiring.device->requests().disable_kicks(t);
    do {
      while (m_wiring.device->serve(t)) m_stats.requests += 1;
    } while (m_wiring.device->requests().enable_kicks(t));
  }
}

// --- events -------------------------------------------------------------------------------------

bool viommu_backend::push(kit::task& t, const arch::page_request& r) {
  t.compute(m_costs.event);
  switch (m_wiring.device->report(t, fault_of(r))) {
    case kit::viommu_report::wait:
      m_stats.event_waits += 1;
      return false;
    case kit::viommu_report::dropped:
      m_stats.events_lost += 1;
      ask_again(t, r);
      return true;
    case kit::viommu_report::sent:
      break;
  }
  m_stats.events += 1;
  if (m_wiring.log != nullptr && r.last) m_given.push_back(key_of(r));
  return true;
}

// Nobody else will answer a group whose last request was dropped.
void viommu_backend::ask_again(kit::task& t, const arch::page_request& r) {
  if (!r.last || r.is_stop_marker()) return;
  fault_group g;
  g.sid = r.sid;
  g.has_pasid = r.has_ssid;
  g.pasid = r.ssid;
  g.tag = r.prg_index;
  if (user_space()) {
    to_vfio(t, g);
  } else {
    m_wiring.host->respond(t, g, true);
  }
}

void viommu_backend::interrupt(kit::task& t) {
  if (m_wiring.device->events().interrupt_needed(t)) {
    m_stats.interrupts += 1;
    m_wiring.inject(t);
  }
  for (const kit::fault_key& key : m_given) {
    // A guest that was at work anyway may have the record already.
    const auto has = m_wiring.log->current(key);
    if (has == hop::vmm_event || has == hop::hk_event) {
      m_wiring.log->enter(key, hop::vcpu_inject, now());
    }
  }
  m_given.clear();
}

void viommu_backend::read_faults(kit::task& t) {
  for (;;) {
    t.sleep(m_wiring.ring->signal());
    t.compute(m_kernel.syscall);
    bool any = false;
    for (;;) {
      if (!m_held) {
        m_held = m_wiring.ring->pop(t);
        if (!m_held) break;
        if (m_wiring.log != nullptr && m_held->last) {
          m_wiring.log->enter(key_of(*m_held), hop::vmm_event, now());
        }
      }
      if (!push(t, *m_held)) break;
      m_held.reset();
      any = true;
    }
    if (any) interrupt(t);
  }
}

bool viommu_backend::deliver(kit::task& t, const arch::page_request& r) {
  if (m_wiring.log != nullptr && r.last) m_wiring.log->enter(key_of(r), hop::hk_event, now());
  m_event_lock.lock(t);
  bool good = true;
  if (m_backlog.empty() && push(t, r)) {
    interrupt(t);
  } else if (!m_backlog.push(r)) {
    m_stats.refused += 1;
    good = false;
  }
  m_event_lock.unlock();
  return good;
}

void viommu_backend::send_backlog(kit::task& t) {
  for (;;) {
    t.sleep(m_event_kicked);
    m_event_lock.lock(t);  // before the look: deliver() may be about to put one there
    bool any = false;
    while (!m_backlog.empty() && push(t, m_backlog.front())) {
      m_backlog.pop();
      any = true;
    }
    if (any) interrupt(t);
    m_event_lock.unlock();
  }
}

}  // namespace svasim::software
