// One SMMU of a platform: walker, TCU, TBUs, command and event queue, registers, and where devices
// have ATCs the ports for their requests and messages.
#pragma once

#include <memory>
#include <vector>

#include "platforms/binder.h"
#include "platforms/memory_system.h"
#include "platforms/one_of_many.h"
#include "platforms/topology.h"
#include "tlm/smmu/ats_port.h"
#include "tlm/smmu/ats_request_port.h"
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
  /// `name`: empty where there is one. `ats`: devices behind it have ATCs.
  smmu_unit(const std::string& name, const smmu_plan& plan, bool ats,
            const arch::register_view& regs, const places& at, stats::group& statistics);

  /// Ports of the mesh that bind() takes.
  unsigned mesh_ports() const { return static_cast<unsigned>(m_tbus.size()) + 3; }
  void bind_memory(memory_system& memory, binder& bind);
  /// The ATS side: after the root ports are there.
  void build_ats();

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
  std::unique_ptr<smmu::ats_port> m_ats;
  std::unique_ptr<smmu::ats_request_port> m_ats_requests;
};

}  // namespace svasim::platforms
