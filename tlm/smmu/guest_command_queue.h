// A command queue that a guest works itself, without an exit to the hypervisor (as NVIDIA's
// CMDQ-Virtualization for SMMUv3): the SMMU admits only TLBI_NH_ASID, TLBI_NH_VA, ATC_INV and
// SYNC, puts the guest's VMID in, and maps the StreamIDs the guest knows to real ones. Anything
// else, and a stream that is not the guest's, stops this queue alone, with its error.
//
// A guest has no address to write to that the SMMU could trust: CMD_SYNC tells by CONS only.
//
// Leaves out: the registers around it (interfaces, allocation of queues to them), which are
// functions here.
#pragma once

#include <map>

#include "tlm/smmu/command_ring.h"

namespace svasim::smmu {

class guest_command_queue final : public command_ring {
 public:
  /// `stats_name`: of its group in `parent`. Engine and errors must outlive it.
  guest_command_queue(sc_core::sc_module_name name, const command_queue_params& params,
                      base::pa base, command_engine& engine, gerror& errors, stats::group* parent,
                      const char* stats_name);

  /// The hypervisor gives the queue to a guest.
  void assign(base::vmid vmid) { m_vmid = vmid; }
  /// The guest's `stream` is `real`.
  void map_stream(base::stream_id stream, base::stream_id real) {
    m_streams[stream.value()] = real;
  }
  void unmap_stream(base::stream_id stream) { m_streams.erase(stream.value()); }
  void enable(bool on);
  /// What the queue has stopped with; none while it runs.
  arch::command_error error() const { return m_error; }
  void acknowledge_error();
  /// The queue has stopped: an interrupt for who has it.
  std::function<void(arch::command_error)> on_error;

 private:
  bool runs() const override { return m_enabled && m_error == arch::command_error::none; }
  arch::command_error admit(arch::command& c) const override;
  void stopped(arch::command_error e) override;

  base::vmid m_vmid;
  std::map<std::uint32_t, base::stream_id> m_streams;
  bool m_enabled = false;
  arch::command_error m_error = arch::command_error::none;
};

}  // namespace svasim::smmu
