#include "closed_form.h"

namespace svasim::test {

using base::ps;

platforms::platform_params distinct_platform() {
  platforms::platform_params p;
  p.device.dma.mode = device::issue_mode::serial;
  p.pcie.link.latency = ps(191003);
  p.pcie.link.credit_return = ps(173021);
  p.pcie.root_complex.up_latency = ps(5507);
  p.pcie.root_complex.down_latency = ps(6311);
  p.smmu.tbu.utlb.latency = ps(1103);
  p.smmu.tbu.main_tlb.latency = ps(3119);
  p.smmu.tbu.dti_latency = ps(20129);
  p.smmu.tcu.configuration_cache.latency = ps(3323);
  p.smmu.tcu.tlb.latency = ps(2707);
  p.smmu.tcu.walk_cache.latency = ps(4243);
  p.smmu.command_queue.decode = ps(5023);
  p.smmu.command_queue.invalidate = ps(10007);
  p.memory.interconnect.latency = ps(15013);
  p.memory.system_level_cache.size = base::mib(1);
  p.memory.system_level_cache.hit_latency = ps(40009);
  p.memory.system_level_cache.miss_latency = ps(16033);
  p.memory.dram.access = ps(95027);
  p.memory.dram.bank_cycle = ps(48017);
  p.software.smmu_driver.prepare_command = ps(20011);
  p.software.smmu_driver.mmio_write = ps(30047);
  p.software.smmu_driver.mmio_read = ps(60029);
  return p;
}

duration closed_form::wire(std::uint64_t bytes) const {
  return transfer_time(base::bytes(bytes), m_params.pcie.link.tlp_rate());
}

duration closed_form::read_up() const {
  return wire(m_params.pcie.link.upstream_bytes(false, 0, false)) + m_params.pcie.link.latency +
         m_params.pcie.root_complex.up_latency;
}

duration closed_form::write_up(std::uint32_t length) const {
  return wire(m_params.pcie.link.upstream_bytes(true, length, false)) + m_params.pcie.link.latency +
         m_params.pcie.root_complex.up_latency;
}

duration closed_form::read_down(std::uint64_t address, std::uint32_t length) const {
  return write_down() + wire(m_params.pcie.link.completion_bytes(address, length));
}

duration closed_form::write_down() const {
  return m_params.pcie.root_complex.down_latency + m_params.pcie.link.latency;
}

duration closed_form::fault_down() const {
  return write_down() + wire(m_params.pcie.link.completion_overhead());
}

duration closed_form::warm() const {
  return 2 * m_params.memory.interconnect.latency + m_params.memory.system_level_cache.hit_latency;
}

duration closed_form::cold(std::uint32_t length) const {
  const duration transfer = transfer_time(base::bytes(length), m_params.memory.dram.channel_rate);
  return 2 * m_params.memory.interconnect.latency +
         2 * m_params.memory.system_level_cache.miss_latency + m_params.memory.dram.access +
         transfer;
}

}  // namespace svasim::test
