// Where the time of a fault goes, hop by hop: each piece of hardware and software that a fault
// passes says when it has it, and entering a hop closes the one before, so the hops sum to the
// whole by construction (as kit/stage.h for transactions). Which row of which table of vsva-flow.md
// a hop is, is said once, in platforms/variants.
//
// A fault is named by what its messages say: StreamID, PASID and PRG index (or STAG). Observation
// only: nothing in the model reads it.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <tuple>
#include <vector>

#include "base/ids.h"
#include "base/units.h"
#include "tlm/kit/task.h"

namespace svasim::kit {

/// What has a fault, in the order of the flows.
enum class hop : std::uint8_t {
  // hardware, on the way up
  dev_request,       ///< ATC miss until the Translation Request is on the link
  rc_request,        ///< link and root complex, up
  smmu_walk,         ///< STE, CD, walk: no translation
  smmu_completion,   ///< completion without access, down
  dev_page_request,  ///< page requests made, and up the link
  smmu_priq,         ///< PRIQ entry, PROD, interrupt
  dev_untranslated,  ///< stall model: the access until it reaches the SMMU
  smmu_stall,        ///< stall model: walk, fault, held
  smmu_evtq,         ///< stall model: EVTQ record, interrupt
  // software
  hk_irq_thread,     ///< PRIQ or EVTQ thread drains the queue
  hk_group_work,     ///< Last: group work queued, until it runs
  hk_mm,             ///< host mm
  hk_response,       ///< CMD_PRI_RESP or CMD_RESUME written, PROD
  hk_fault_ring,     ///< record into the DMA-fault ring, eventfd
  vmm_fault_thread,  ///< VMM thread wakes and reads records
  vmm_event,         ///< event buffer filled, interrupt injected
  hk_event,          ///< in-kernel back end: the same by the host kernel
  hk_fault_queue,    ///< iommufd fault queue
  vmm_guest_queue,   ///< VMM writes the guest's PRIQ entry
  vmm_inject,        ///< VMM injects the vSMMU interrupt
  vcpu_inject,       ///< exit or list register; halted vCPU woken
  gk_event_irq,      ///< event-queue interrupt: decode, queue work
  gk_work,           ///< viommu-pri-wq, io-pgfault, until the group runs
  gk_mm,             ///< guest mm
  hk_stage2,         ///< KVM backs the guest page
  gk_priq_thread,    ///< vSMMU: guest PRIQ thread, io-pgfault and mm
  gk_page_response,  ///< PAGE_RESP written, kicked
  gk_command,        ///< vSMMU: guest CMD_PRI_RESP, trap
  vmm_response,      ///< worker wakes, parses, writes the VFIO response region
  vmm_command,       ///< vSMMU: VMM reads the guest CMDQ, answers the fault queue
  hk_response_work,  ///< single-thread response workqueue
  vmm_status,        ///< status into the used ring
  // hardware, on the way down
  smmu_response,  ///< command consumed, PRG Response down, or retry begun
  dev_retry,      ///< credits back, request again until translated
  count
};

/// Names one fault as long as it is open.
struct fault_key {
  base::stream_id sid;
  std::uint32_t pasid = 0;  ///< 0 without
  std::uint32_t tag = 0;    ///< PRG index or STAG
  friend bool operator<(const fault_key& a, const fault_key& b) {
    return std::tuple(a.sid.value(), a.pasid, a.tag) < std::tuple(b.sid.value(), b.pasid, b.tag);
  }
};

struct hop_time {
  hop what{};
  base::duration length;
};

/// A fault from its cause to its end.
struct finished_fault {
  fault_key key;
  base::duration started;
  base::duration ended;
  bool resolved = false;          ///< else answered with an error
  std::vector<hop_time> on_path;  ///< in order; they sum to ended - started
  std::vector<hop_time> beside;   ///< work that the fault did not wait for
  base::duration latency() const { return ended - started; }
};

class hop_log {
 public:
  /// A fault that was caused at `t`, before now or now. A key that is open already is closed as
  /// unresolved at `t`, and counted in overtaken().
  void begin(const fault_key& key, base::duration t, hop first);
  /// Nothing happens for a key that is not open. Throws std::logic_error where `t` lies before the
  /// last change: a defect of the model.
  void enter(const fault_key& key, hop next, base::duration t);
  /// The same from `t`, but no earlier than the hop before began: for who has several at a time.
  void enter_no_earlier(const fault_key& key, hop next, base::duration t);
  /// What has the fault now; empty where it is not open.
  std::optional<hop> current(const fault_key& key) const;
  /// Work for the fault that it does not wait for.
  void beside(const fault_key& key, hop what, base::duration length);
  void end(const fault_key& key, base::duration t, bool resolved);
  /// An open fault gets another key, that is not open, as its own may be another fault's now.
  void rename(const fault_key& from, const fault_key& to);
  bool open(const fault_key& key) const { return m_open.find(key) != m_open.end(); }

  /// The fault that the calling SystemC process works on, for those below it who are not told: set
  /// while this lives.
  class serving {
   public:
    /// `log` may be null.
    serving(hop_log* log, const fault_key& key);
    ~serving();
    serving(const serving&) = delete;
    serving& operator=(const serving&) = delete;

   private:
    hop_log* const m_log;
    const sc_core::sc_object* m_process = nullptr;
  };
  std::optional<fault_key> served_here() const;

  std::size_t open_count() const { return m_open.size(); }
  std::uint64_t overtaken() const { return m_overtaken; }
  /// Gets each fault when it has ended.
  std::function<void(const finished_fault&)> on_finished;
  /// Called when a fault has begun, got to another hop, or ended; empty where nobody looks.
  std::function<void()> on_change;

 private:
  struct open_fault {
    finished_fault so_far;
    hop current{};
    base::duration since;
  };
  static void close(open_fault& f, base::duration t);

  std::map<fault_key, open_fault> m_open;
  std::map<const sc_core::sc_object*, fault_key> m_served;  // only looked up
  std::uint64_t m_overtaken = 0;
};

}  // namespace svasim::kit
