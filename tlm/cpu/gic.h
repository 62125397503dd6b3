// The interrupt translation service of a GICv3 (IHI 0069 5, 6): a write to GITS_TRANSLATER is a
// message interrupt, which the pair of DeviceID and EventID turns into an interrupt of a machine.
// The DeviceID is the StreamID of a device; the SMMU's own messages have one for each port of the
// interconnect. Messages of an interrupt that is on its way already are merged with it.
//
// Leaves out: tables and commands of the ITS (map() stands for them), priorities, SPIs and PPIs,
// moving interrupts, other registers.
#pragma once

#include <tlm_utils/passthrough_target_socket.h>
#include <map>
#include <memory>
#include <tlm>
#include <utility>

#include "base/ids.h"
#include "base/units.h"
#include "describe/visitor.h"
#include "stats/counter.h"
#include "stats/occupancy.h"
#include "tlm/kit/delay_line.h"
#include "tlm/kit/task.h"

namespace svasim::cpu {

struct gic_params {
  std::uint64_t its_base = 0x8080000;
  base::duration translation = base::ns(100);
  base::duration delivery = base::ns(800);
  void describe(describe::visitor& v);
};

struct gic_stats : stats::group {
  explicit gic_stats(stats::group* parent) : group(parent, "gic") {}
  stats::counter messages{this, "messages", "interrupts", "Message interrupts received."};
  stats::counter delivered{this, "delivered", "interrupts", "Interrupts made pending."};
  stats::counter merged{this, "merged", "interrupts",
                        "Messages whose interrupt was on its way already."};
  stats::counter dropped{this, "dropped", "interrupts",
                         "Messages with a DeviceID and EventID that map to nothing."};
  stats::counter errors{this, "errors", "accesses", "Accesses to other registers."};
  stats::occupancy on_the_way{this, "on_the_way", "interrupts", "Interrupts being delivered."};
};

class gic final : public sc_core::sc_module {
 public:
  /// Offset of GITS_TRANSLATER from the base of the ITS.
  static constexpr std::uint64_t translater = 0x10040;

  /// A DeviceID.
  class device {
   public:
    static device of(base::stream_id sid) { return device(sid.value()); }
    /// The SMMU behind a port of the interconnect.
    static device of_port(std::uint8_t port) { return device(std::uint64_t{1} << 32 | port); }
    friend bool operator<(device a, device b) { return a.m_value < b.m_value; }

   private:
    explicit device(std::uint64_t v) : m_value(v) {}
    std::uint64_t m_value;
  };

  gic(sc_core::sc_module_name name, const gic_params& params, stats::group* parent);

  tlm_utils::passthrough_target_socket<gic> from_interconnect;

  /// An event becomes interrupt `number` of `m`, which must outlive the module; mapping it again
  /// replaces what was.
  void map(device d, std::uint32_t event, kit::machine& m, unsigned number);
  /// Where a message is to be written.
  std::uint64_t message_address() const { return m_params.its_base + translater; }
  const gic_stats& statistics() const { return m_stats; }

 private:
  struct target {
    kit::machine* machine = nullptr;
    unsigned number = 0;
    bool on_the_way = false;
  };
  void blocking(tlm::tlm_generic_payload& p, sc_core::sc_time& t);
  tlm::tlm_sync_enum request(tlm::tlm_generic_payload& p, tlm::tlm_phase& phase,
                             sc_core::sc_time& t);
  void take(device d, std::uint32_t event, base::duration at);
  void deliver();

  const gic_params m_params;
  gic_stats m_stats;
  std::map<std::pair<device, std::uint32_t>, target> m_targets;
  kit::delay_line<target*> m_due;
};

}  // namespace svasim::cpu
