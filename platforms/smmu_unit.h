// One SMMU of a platform: walker, TCU, TBUs, command and event queue, registers; where devices have
// ATCs the ports for their requests and messages; where software serves faults also its PRI queue,
// interrupts, control registers, further command queues, and what broadcasts of the CPUs reach.
//
// Wiring: bind_memory(), then build_fault_path(), build_ats() and, when all queues are there,
// bind_queues(), which take ports of the mesh in this order.
#pragma once

#include <memory>
#include <vector>

#include "platforms/binder.h"
#include "platforms/ideal_translator.h"
#include "platforms/memory_system.h"
#include "platforms/one_of_many.h"
#include "platforms/topology.h"
#include "tlm/smmu/ats_port.h"
#include "tlm/smmu/ats_request_port.h"
#include "tlm/smmu/broadcast.h"
#include "tlm/smmu/control_registers.h"
#include "tlm/smmu/ecmdq.h"
#include "tlm/smmu/guest_command_queue.h"
#include "tlm/smmu/interrupts.h"
#include "tlm/smmu/pri_queue.h"
#include "tlm/smmu/register_page.h"
#include "tlm/smmu/tbu.h"
#include "tlm/smmu/tcu.h"

namespace svasim::platforms {

class smmu_unit {
 public:
  /// Where its rings lie.
  struct places {
    base::pa command_queue, event_queue;
  };
  /// Of the SMMU whose faults software serves. `ecmdq_rings`: one behind the other, each
  /// `ecmdq_stride` bytes, and `ecmdq_enable` in PROD.
  struct fault_path {
    base::pa pri_queue, ecmdq_rings;
    std::uint64_t ecmdq_stride = 0;
    std::uint32_t ecmdqs = 0, ecmdq_enable = 0;
    bool broadcast = false;
  };
  /// `name`: empty where there is one. `ats`: devices behind it have ATCs.
  smmu_unit(const std::string& name, const smmu_plan& plan, bool ats,
            const arch::register_view& regs, const places& at, stats::group& statistics);

  /// Before bind_memory(): translators in the place of the TBUs, which stay without traffic.
  void make_ideal(const arch::register_view& regs, base::sparse_memory& bytes);
  void bind_memory(memory_system& memory, binder& bind);
  /// `control` has the view of the registers that it was built with. All must outlive it.
  void build_fault_path(const fault_path& path, const arch::register_view& regs,
                        smmu::control_registers& control, kit::hop_log& log, memory_system& memory);
  /// The ATS side: after the root ports are there.
  void build_ats();
  /// A command queue that a guest writes itself.
  smmu::guest_command_queue& add_guest_queue(const std::string& name,
                                             const smmu::command_queue_params& params, base::pa at);
  void bind_queues(memory_system& memory);

  const std::string& name() const { return m_name; }
  const one_of_many& names() const { return m_names; }
  stats::group* group() { return m_names.group(); }
  const smmu::smmu_params& params() const { return m_plan.params; }
  unsigned socket() const { return m_plan.socket; }
  std::size_t tbus() const { return m_tbus.size(); }
  /// "tbu", or with a number where there are several.
  std::string tbu_name(unsigned i) const;
  smmu::tbu& tbu(unsigned i) { return *m_tbus[i]; }
  const smmu::tbu& tbu(unsigned i) const { return *m_tbus[i]; }
  smmu::tcu& tcu() { return *m_tcu; }
  const smmu::tcu& tcu() const { return *m_tcu; }
  const smmu::walker& walker() const { return *m_walker; }
  smmu::command_engine& engine() { return *m_engine; }
  smmu::event_queue& events() { return *m_events; }
  smmu::gerror& errors() { return m_errors; }
  smmu::register_page& registers() { return *m_registers; }
  const smmu::command_queue& commands() const { return *m_commands; }
  ideal_translator* ideal(unsigned tbu) { return m_ideal.empty() ? nullptr : m_ideal[tbu].get(); }
  smmu::pri_queue* pages() { return m_pages.get(); }           ///< null: nobody serves requests
  smmu::interrupts& interrupts() { return *m_interrupts; }     ///< with a fault path
  smmu::broadcast* broadcasts() { return m_broadcast.get(); }  ///< null: takes no part
  /// The mesh port of its messages.
  std::uint8_t interrupt_port() const { return m_interrupt_port; }
  smmu::ats_port& ats() { return *m_ats; }                            ///< with ATS
  smmu::ats_request_port& ats_requests() { return *m_ats_requests; }  ///< with ATS

 private:
  const std::string m_name;
  const smmu_plan m_plan;
  one_of_many m_names;
  smmu::gerror m_errors;
  std::unique_ptr<smmu::walker> m_walker;
  std::unique_ptr<smmu::tcu> m_tcu;
  std::vector<std::unique_ptr<smmu::tbu>> m_tbus;
  std::unique_ptr<smmu::command_engine> m_engine;
  std::unique_ptr<smmu::command_queue> m_commands;
  std::unique_ptr<smmu::event_queue> m_events;
  std::unique_ptr<smmu::register_page> m_registers;
  std::vector<std::unique_ptr<ideal_translator>> m_ideal;
  std::unique_ptr<smmu::pri_queue> m_pages;
  std::unique_ptr<smmu::interrupts> m_interrupts;
  std::vector<std::unique_ptr<smmu::ecmdq>> m_ecmdqs;
  std::unique_ptr<smmu::broadcast> m_broadcast;
  std::vector<std::unique_ptr<smmu::guest_command_queue>> m_guest_queues;
  std::uint8_t m_interrupt_port = 0;
  kit::hop_log* m_log = nullptr;
  std::unique_ptr<smmu::ats_port> m_ats;
  std::unique_ptr<smmu::ats_request_port> m_ats_requests;
};

}  // namespace svasim::platforms
