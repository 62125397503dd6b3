// How the blocks of one SMMU call each other, beside their sockets: faults go from the TCU to the
// event queue, commands on stalls and prefetch from the engine to the TCU.
#pragma once

#include "tlm/smmu/command_engine.h"
#include "tlm/smmu/event_queue.h"
#include "tlm/smmu/tcu.h"

namespace svasim::smmu {

/// Before time starts; all three must outlive each other's use.
inline void connect(tcu& control, event_queue& events, command_engine& engine) {
  control.on_event = [&events](const arch::event& e, bool mev) { events.record(e, mev); };
  control.on_stall = [&events](const arch::event& e) { events.record_stall(e); };
  control.can_stall = [&events] { return events.can_record_stall(); };
  events.on_stall_room = [&control] { control.retry_stalls(); };
  engine.on_prefetch = [&control](const arch::command& c) { control.prefetch(c); };
  engine.on_resume = [&control](const arch::command& c) { control.resume(c); };
  engine.on_stall_term = [&control](const arch::command& c) { control.stall_term(c); };
  engine.order_events(events);
}

}  // namespace svasim::smmu
