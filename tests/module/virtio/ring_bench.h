// A virtqueue between a guest and a host that see the same memory at different addresses, and tasks
// that take no time and note what they access.
#pragma once

#include <memory>
#include <stdexcept>
#include <string>
#include <vector>

#include "base/sparse_memory.h"
#include "tlm/virtio/device_queue.h"
#include "tlm/virtio/driver_queue.h"

namespace svasim::test {

class noting_task final : public kit::task {
 public:
  noting_task(base::sparse_memory& memory, std::uint64_t offset)
      : m_memory(memory), m_offset(offset) {}
  const std::string& name() const override { return m_name; }
  void compute(base::duration cost) override { m_busy += cost; }
  std::uint64_t sleep(kit::wakeup&) override { throw std::logic_error("a task of a test sleeps"); }
  void read(std::uint64_t address, void* data, std::uint32_t n) override {
    note("r", address, n);
    m_memory.read(base::pa(address + m_offset), data, n);
  }
  void write(std::uint64_t address, const void* data, std::uint32_t n) override {
    note("w", address, n);
    m_memory.write(base::pa(address + m_offset), data, n);
  }
  std::uint32_t read_register(std::uint64_t) override { return 0; }
  void write_register(std::uint64_t, std::uint32_t) override {}

  /// "w 1000 16", address in hexadecimal, since the last call.
  std::vector<std::string> accesses() { return std::move(m_accesses); }
  base::duration busy() const { return m_busy; }
  bool noting = true;

 private:
  void note(const char* what, std::uint64_t address, std::uint32_t n) {
    if (n == 0 || n > 64 || (address & 63) + n > 64) throw std::logic_error("access across lines");
    if (!noting) return;
    char text[48];
    std::snprintf(text, sizeof text, "%s %llx %u", what, static_cast<unsigned long long>(address),
                  n);
    m_accesses.emplace_back(text);
  }
  std::string m_name = "task";
  base::sparse_memory& m_memory;
  std::uint64_t m_offset;
  std::vector<std::string> m_accesses;
  base::duration m_busy;
};

constexpr std::uint64_t guest_size = 0x100000;
constexpr std::uint64_t guest_base = 0x80000000;  // of its memory in that of the host
constexpr std::uint64_t ring_at = 0x10000;

inline virtio::virtqueue_params ring_params(std::uint32_t entries, bool event_idx,
                                            bool indirect = false) {
  virtio::virtqueue_params p;
  p.entries = entries;
  p.event_idx = event_idx;
  p.indirect = indirect;
  return p;
}

inline std::optional<base::pa> guest_slot(base::ipa a) {
  if (a.value() >= guest_size) return std::nullopt;
  return base::pa(a.value() + guest_base);
}

struct ring_bench {
  explicit ring_bench(const virtio::virtqueue_params& params, std::uint64_t ring = ring_at)
      : driver(params, base::ipa(ring), nullptr, "driver"),
        device(params, driver.layout(), guest_slot, nullptr, "device") {}

  base::sparse_memory memory;
  noting_task guest{memory, guest_base};
  noting_task host{memory, 0};
  virtio::driver_queue driver;
  virtio::device_queue device;
  kit::ring_chain chain;

  bool add(std::uint64_t token, std::uint32_t readable = 36, std::uint32_t writable = 4) {
    const kit::ring_part parts[] = {{0x2000, readable}, {0x3000, writable}};
    return driver.add(guest, parts, 1, 1, token);
  }
  /// Give a chain back at once.
  bool serve(std::uint32_t written = 4) {
    if (!device.pop(host, chain)) return false;
    device.push(host, chain, written);
    return true;
  }
};

}  // namespace svasim::test
