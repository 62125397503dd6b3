// The device's end of a split virtqueue (virtio 1.2 section 2.7), run by a task of the host, which
// sees the guest's memory where the VMM has it. The driver is not trusted: an index that jumps, a
// chain that loops, an empty part, an address outside the guest's memory and the like break the
// queue, as in QEMU; what is wrong is counted and said by defect().
//
// The avail index is read when the entries known are used up (QEMU, vhost), not for each pop as
// kvmtool does. The ring's memory is zero to begin with. Leaves out: packed rings, reset of a
// broken queue, the cost of what is no memory access (the caller's compute()).
#pragma once

#include <string>
#include <vector>

#include "arch/virtio_ring.h"
#include "stats/counter.h"
#include "stats/occupancy.h"
#include "tlm/kit/virtqueue.h"
#include "tlm/virtio/virtqueue_params.h"

namespace svasim::virtio {

/// What a driver may do wrong.
enum class ring_defect : std::uint8_t {
  none,
  index,       ///< more chains than entries published, or an entry outside the ring
  loop,        ///< a chain longer than a chain can be
  descriptor,  ///< an empty part, a readable one behind a writable one, a bad indirect table
  reused,      ///< the head of a chain that is not back yet
  outside,     ///< an address outside the guest's memory
};
const char* to_string(ring_defect d);

struct device_queue_stats : stats::group {
  device_queue_stats(stats::group* parent, const std::string& name) : group(parent, name) {}
  stats::counter popped{this, "popped", "chains", "Chains that the device took."};
  stats::counter pushed{this, "pushed", "chains", "Chains that it gave back."};
  stats::counter idle{this, "idle", "reads", "Reads of the avail index that found nothing."};
  stats::counter interrupts{this, "interrupts", "interrupts", "Times the driver was to be told."};
  stats::counter interrupts_suppressed{this, "interrupts_suppressed", "interrupts",
                                       "Times it did not want to be."};
  stats::counter bad_index{this, "bad_index", "errors",
                           "Avail indices that jumped, and entries outside the ring."};
  stats::counter loops{this, "loops", "errors", "Chains that do not end."};
  stats::counter bad_descriptor{this, "bad_descriptor", "errors",
                                "Empty or misplaced parts and bad indirect tables."};
  stats::counter reused{this, "reused", "errors", "Chains given again before they were back."};
  stats::counter outside{this, "outside", "errors", "Addresses outside the guest's memory."};
  stats::occupancy held{this, "held", "chains", "Chains taken and not given back."};
};

class device_queue final : public kit::virtqueue_device {
 public:
  device_queue(const virtqueue_params& params, const arch::virtqueue_layout& ring,
               kit::guest_memory memory, stats::group* parent, const std::string& name);

  bool pop(kit::task& t, kit::ring_chain& out) override;
  bool read(kit::task& t, const kit::ring_chain& chain, std::uint64_t offset, void* data,
            std::uint32_t n) override;
  bool write(kit::task& t, const kit::ring_chain& chain, std::uint64_t offset, const void* data,
             std::uint32_t n) override;
  void push(kit::task& t, const kit::ring_chain& chain, std::uint32_t written) override;
  bool interrupt_needed(kit::task& t) override;
  bool enable_kicks(kit::task& t) override;
  void disable_kicks(kit::task& t) override;
  std::uint32_t entries() const override { return m_ring.entries; }
  bool broken() const override { return m_defect != ring_defect::none; }

  ring_defect defect() const { return m_defect; }
  const device_queue_stats& statistics() const { return m_stats; }

  /// Parts of an indirect chain at most (QEMU's VIRTQUEUE_MAX_SIZE).
  static constexpr std::uint32_t max_indirect = 1024;

 private:
  struct table {
    std::uint64_t address;
    std::uint32_t entries;
    std::uint32_t longest;  // chain in it
    bool indirect;
  };
  bool follow(kit::task& t, kit::ring_chain& out);
  bool enter_indirect(const arch::virtqueue_descriptor& d, table& in);
  bool take_part(const arch::virtqueue_descriptor& d, kit::ring_chain& out);
  bool more_available(kit::task& t);
  template <class Access>
  bool access_chain(const kit::ring_chain& chain, bool writable, std::uint64_t offset,
                    std::uint32_t n, const Access& access);
  template <class Access>
  bool access_guest(std::uint64_t address, std::uint32_t n, const Access& access);
  bool read_guest(kit::task& t, std::uint64_t address, void* data, std::uint32_t n);
  bool write_guest(kit::task& t, std::uint64_t address, const void* data, std::uint32_t n);
  std::uint16_t read16(kit::task& t, std::uint64_t address);
  void write16(kit::task& t, std::uint64_t address, std::uint16_t v);
  bool fail(ring_defect what);

  const virtqueue_params m_params;
  const arch::virtqueue_layout m_ring;
  const kit::guest_memory m_memory;
  device_queue_stats m_stats;
  std::vector<bool> m_held;        // by head
  std::uint16_t m_last_avail = 0;  // next entry to take
  std::uint16_t m_seen_avail = 0;
  std::uint16_t m_used = 0;
  std::uint32_t m_since_interrupt = 0;  // pushed since the last interrupt_needed()
  bool m_kicks = true;
  ring_defect m_defect = ring_defect::none;
  bool m_inside = false;  // a task is
};

}  // namespace svasim::virtio
