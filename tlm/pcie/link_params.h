// Parameters of a PCI Express link and the TLP arithmetic that follows from them (PCIe Base
// Spec 2.2, 4.2; sizes as in pcie-bench's pcie-model). Leaves out: retries, power states, the FLIT
// layout of Gen6 beyond its share of TLP bytes.
#pragma once

#include "base/units.h"
#include "describe/visitor.h"

namespace svasim::pcie {

struct link_params {
  std::uint32_t generation = 5;
  std::uint32_t lanes = 16;
  base::byte_size mps = base::bytes(256);
  base::byte_size mrrs = base::bytes(512);
  base::byte_size rcb = base::bytes(64);
  bool ecrc = false;
  base::duration latency = base::ns(190);
  std::uint32_t tx_queue = 16;
  std::uint32_t posted_headers = 320;
  std::uint32_t posted_data = 2048;
  std::uint32_t nonposted_headers = 320;
  std::uint32_t down_posted_headers = 32;
  std::uint32_t down_posted_data = 32;
  std::uint32_t completion_headers = 0;
  std::uint32_t completion_data = 256;
  base::duration credit_return = base::ns(190);
  std::uint32_t ack_interval = 168;
  std::uint32_t skip_ppm = 2600;

  void describe(describe::visitor& v);

  /// Bytes per second that are left for TLPs: lanes x rate x encoding, less skip ordered sets and
  /// one ACK and one UpdateFC DLLP for every `ack_interval` bytes.
  base::byte_rate tlp_rate() const;
  /// Framing, header, prefix and ECRC of a request with 64-bit address, and of a message.
  std::uint64_t request_overhead(bool pasid) const;
  /// The same of a completion with data.
  std::uint64_t completion_overhead() const;
  /// Bytes on the wire towards the root complex for a read of any length, or a write of `length`
  /// bytes.
  std::uint64_t upstream_bytes(bool write, std::uint32_t length, bool pasid) const;
  /// Bytes on the wire of all completions of a read: split where the address crosses a multiple of
  /// MPS.
  std::uint64_t completion_bytes(std::uint64_t address, std::uint32_t length) const;
  /// Bytes on the wire of the completions of a Translation Request for `length` bytes of entries,
  /// of 8 bytes each, MPS at most in one; 0: of one that has none.
  std::uint64_t translation_completion_bytes(std::uint32_t length) const;
};

}  // namespace svasim::pcie
