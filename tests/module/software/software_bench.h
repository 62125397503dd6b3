// What the software models run on in tests: a cluster whose scheduling costs nothing, a memory that
// answers at once, and registers that the test plays. Host and guest are the same machine, so
// addresses are the same for both.
#pragma once

#include <map>

#include "arch/command.h"
#include "tests/module/cpu/cluster_bench.h"
#include "tlm/software/command_lists.h"
#include "tlm/software/costs.h"
#include "tlm/software/iommu_ops.h"

namespace svasim::test {

// A cluster without costs of its own: what is left are those of the software under test.
inline cpu::cluster_params no_cost_cluster(std::uint32_t cores) {
  cpu::cluster_params p = free_cluster(cores);
  p.mmio_read = p.mmio_write = base::duration();
  p.l2.hit_cycles = 1;
  return p;
}

inline software::kernel_costs no_kernel_costs() {
  software::kernel_costs c;
  c.work_dispatch = c.fault_decode = c.iopf_group = c.syscall = c.eventfd = base::duration();
  c.notifier = c.queue_add = c.queue_pop = base::duration();
  c.poll = base::ns(10);
  return c;
}

inline software::vmm_costs no_vmm_costs() {
  software::vmm_costs c;
  c.vfio = c.vfio_map_page = c.record = c.event = c.request = c.inject = base::duration();
  c.stage2_fault = base::duration();
  return c;
}

/// Answers and invalidations that software asks for, noted; `takes` each.
class noting_iommu final : public software::iommu_ops {
 public:
  struct answer {
    software::fault_group group;
    bool success;
    base::duration at;
  };
  void respond(kit::task& t, const software::fault_group& group, bool success) override {
    answers.push_back({group, success, kit::now()});
    t.compute(takes);
  }
  void invalidate(kit::task& t, const software::invalidation_range& range) override {
    ranges.push_back(range);
    if (on_begin) on_begin();
    t.compute(takes);
    if (on_end) on_end();
  }
  std::vector<answer> answers;
  std::vector<software::invalidation_range> ranges;
  base::duration takes;
  std::function<void()> on_begin, on_end;
};

/// A cluster, and the command queue of an SMMU that consumes `pace` commands for each read of
/// CMDQ_CONS, or all at the doorbell where it is 0.
struct software_bench : cluster_bench {
  static constexpr std::uint64_t smmu = 0x9000000, ring = 0x100000, msi = 0x180000;
  explicit software_bench(std::uint32_t cores = 4, std::uint32_t entries = 16)
      : cluster_bench(no_cost_cluster(cores)), mask(2 * entries - 1) {
    memory.latency = base::duration();
    registers.on_request = [this](auto& p) { access(p); };
  }
  static software::command_lists::ring where(std::uint32_t entries) {
    software::command_lists::ring r;
    r.base = ring;
    r.entries = entries;
    r.registers = smmu;
    r.msi = msi;
    return r;
  }
  void access(tlm::tlm_generic_payload& p) {
    const std::uint64_t at = p.get_address();
    std::uint32_t value = 0;
    if (p.is_write()) {
      std::memcpy(&value, p.get_data_ptr(), 4);
      written[at].push_back(value);
      if (at != smmu + 0x98) return;
      prod = value;
      consume(pace == 0 ? ~0u : 0);
      return;
    }
    if (at == smmu + 0x9c) {
      consume(pace);
      value = cons;
    } else if (read) {
      value = read(at);
    }
    std::memcpy(p.get_data_ptr(), &value, 4);
  }
  void consume(unsigned most) {
    for (; most != 0 && cons != prod; --most) {
      arch::command_words words;
      bytes.read(base::pa(ring + (cons & (mask / 2)) * std::uint64_t{16}), words.data(), 16);
      const arch::command c = arch::decode_command(words);
      consumed.push_back(c);
      cons = (cons + 1) & mask;
      if (c.signal != arch::sync_signal::interrupt) continue;
      bytes.write(base::pa(c.address), &c.msi_data, 4);
      cluster.written(base::pa(c.address), 4);
    }
  }
  std::vector<arch::opcode> opcodes() const {
    std::vector<arch::opcode> out;
    for (const auto& c : consumed) out.push_back(c.op);
    return out;
  }

  const std::uint32_t mask;
  unsigned pace = 0;
  std::uint32_t prod = 0, cons = 0;
  std::vector<arch::command> consumed;
  std::map<std::uint64_t, std::vector<std::uint32_t>> written;  // registers
  std::function<std::uint32_t(std::uint64_t)> read;             // of other registers
};

inline arch::page_request page_request(std::uint32_t pasid, std::uint16_t group,
                                       std::uint64_t address, bool last = true, bool write = true) {
  arch::page_request r;
  r.sid = base::stream_id(8);
  r.has_ssid = true;
  r.ssid = base::substream_id(pasid);
  r.read = true;
  r.write = write;
  r.last = last;
  r.prg_index = group;
  r.address = address;
  return r;
}

}  // namespace svasim::test
