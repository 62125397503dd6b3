// A virtqueue as the software at its two ends sees it: the driver in the guest, the device in the
// VMM or the host kernel. tlm/virtio implements both on a ring in guest memory; every access is one
// of the calling task, so it costs what the caches of its processor say.
//
// One task at a time may call a queue: drivers have a lock, devices a worker. Addresses in a queue
// are guest-physical at both ends.
#pragma once

#include <algorithm>
#include <cstdint>
#include <functional>
#include <optional>
#include <vector>

#include "base/address.h"
#include "tlm/kit/task.h"

namespace svasim::kit {

/// Calls `f(address, offset, n)` for each piece of [address, address + n) that a task can access in
/// one go: those of a 64-byte line. Stops where it returns false; returns whether it came through.
template <class F>
bool for_each_line(std::uint64_t address, std::uint32_t n, const F& f) {
  for (std::uint32_t done = 0; done < n;) {
    const auto left = static_cast<std::uint32_t>(64 - ((address + done) & 63));
    const std::uint32_t piece = std::min(left, n - done);
    if (!f(address + done, done, piece)) return false;
    done += piece;
  }
  return true;
}

/// Memory of the task's own machine, of any length.
inline void read_memory(task& t, std::uint64_t address, void* data, std::uint32_t n) {
  for_each_line(address, n, [&](std::uint64_t at, std::uint32_t offset, std::uint32_t piece) {
    t.read(at, static_cast<std::uint8_t*>(data) + offset, piece);
    return true;
  });
}
inline void write_memory(task& t, std::uint64_t address, const void* data, std::uint32_t n) {
  for_each_line(address, n, [&](std::uint64_t at, std::uint32_t offset, std::uint32_t piece) {
    t.write(at, static_cast<const std::uint8_t*>(data) + offset, piece);
    return true;
  });
}

/// A buffer of a chain.
struct ring_part {
  std::uint64_t address = 0;
  std::uint32_t length = 0;
};

/// The guest's end.
class virtqueue_driver {
 public:
  virtual ~virtqueue_driver() = default;

  /// A chain of `readable` parts and `writable` ones behind them, at least one in all and none
  /// empty. The device does not see it before publish(). False where there is no room; `token`
  /// comes back from collect().
  [[nodiscard]] virtual bool add(task& t, const ring_part* parts, unsigned readable,
                                 unsigned writable, std::uint64_t token) = 0;
  /// Shows the device what was added.
  virtual void publish(task& t) = 0;
  /// Does the device want to be told of what was published since the last call? The caller then
  /// writes the queue's notification register.
  [[nodiscard]] virtual bool kick_needed(task& t) = 0;

  struct used {
    std::uint64_t token = 0;
    std::uint32_t written = 0;  ///< bytes
  };
  /// A chain that the device is done with.
  virtual std::optional<used> collect(task& t) = 0;
  /// Ask for an interrupt at the next used chain. True where there is one already: collect again.
  virtual bool enable_interrupts(task& t) = 0;
  virtual void disable_interrupts(task& t) = 0;

  virtual std::uint32_t entries() const = 0;
  /// Chains added and not collected.
  virtual std::uint32_t outstanding() const = 0;
  /// The device did what it must not: nothing comes from this queue any more.
  virtual bool broken() const = 0;
};

/// A chain in the hands of the device. Reused for one pop after the other.
struct ring_chain {
  std::uint16_t head = 0;
  std::vector<ring_part> parts;    ///< readable ones first
  std::size_t readable_parts = 0;  ///< how many of them
  std::uint64_t readable = 0;      ///< bytes
  std::uint64_t writable = 0;      ///< bytes
};

/// The device's end.
class virtqueue_device {
 public:
  virtual ~virtqueue_device() = default;

  /// The next chain; false where there is none, or the queue is broken.
  [[nodiscard]] virtual bool pop(task& t, ring_chain& out) = 0;
  /// `n` bytes of the readable, or of the writable part. False where the chain is not that long, or
  /// leads outside the guest's memory: then the queue is broken.
  [[nodiscard]] virtual bool read(task& t, const ring_chain& chain, std::uint64_t offset,
                                  void* data, std::uint32_t n) = 0;
  [[nodiscard]] virtual bool write(task& t, const ring_chain& chain, std::uint64_t offset,
                                   const void* data, std::uint32_t n) = 0;
  /// Gives it back, with `written` bytes in the writable part.
  virtual void push(task& t, const ring_chain& chain, std::uint32_t written) = 0;
  /// Does the driver want to be told of what was pushed since the last call?
  [[nodiscard]] virtual bool interrupt_needed(task& t) = 0;
  /// Ask for a kick at the next chain. True where there is one already: pop again.
  virtual bool enable_kicks(task& t) = 0;
  virtual void disable_kicks(task& t) = 0;

  virtual std::uint32_t entries() const = 0;
  /// The driver did what it must not: nothing comes from this queue any more.
  virtual bool broken() const = 0;
};

/// Where the guest's memory lies in that of the host; empty outside of it. The VMM's memory slots.
using guest_memory = std::function<std::optional<base::pa>(base::ipa)>;

}  // namespace svasim::kit
