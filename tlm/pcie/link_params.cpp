#include "tlm/pcie/link_params.h"

#include <fmt/format.h>

#include <algorithm>

#include "base/bits.h"

namespace svasim::pcie {

void link_params::describe(describe::visitor& v) {
  v.field("generation", generation, {3, 6}, "generation",
          "PCI Express generation: 8, 16, 32, 64 GT/s a lane.", "T: PCIe Base Spec 4.2");
  v.field("lanes", lanes, {1, 16}, "lanes", "Width of the link.", "T: measurements 11");
  v.field("mps", mps, base::bytes(128), base::bytes(4096), "Max_Payload_Size.",
          "T: measurements 11");
  v.field("mrrs", mrrs, base::bytes(128), base::bytes(4096), "Max_Read_Request_Size.",
          "T: measurements 11");
  v.field("rcb", rcb, base::bytes(64), base::bytes(128), "Read completion boundary.",
          "M: pcie-bench 1");
  v.field("ecrc", ecrc, "Every TLP carries a 4-byte ECRC.", "A: off as in most systems");
  v.field("latency", latency, base::ns(0), base::us(10),
          "One way through endpoint logic, wire and port, without serialisation.",
          "D: 195 ns of measurements 1.2 less 5 ns of the root complex");
  v.field("tx_queue", tx_queue, {1, 4096}, "TLPs",
          "TLPs the transmitter holds before it stops the device.", "A: assumed");
  v.field("posted_headers", posted_headers, {1, 4096}, "credits",
          "Header credits for posted requests that the receiver grants.", "A: assumed");
  v.field("posted_data", posted_data, {1, 65536}, "credits of 16 B",
          "Data credits for posted requests that the receiver grants.", "A: assumed");
  v.field("nonposted_headers", nonposted_headers, {1, 4096}, "credits",
          "Header credits for reads that the receiver grants.", "A: assumed");
  v.field("down_posted_headers", down_posted_headers, {1, 4096}, "credits",
          "Header credits for messages that the device grants.",
          "A: one for each of 32 ITags (pcie-ats-pri 3.2)");
  v.field("down_posted_data", down_posted_data, {1, 65536}, "credits of 16 B",
          "Data credits for messages that the device grants.", "A: likewise");
  v.field("completion_headers", completion_headers, {0, 4096}, "credits",
          "Header credits for completions that a switch below grants; 0: no limit.",
          "T: endpoints advertise infinite ones (pcie-ats-pri 5.3)");
  v.field("completion_data", completion_data, {1, 65536}, "credits of 16 B",
          "Data credits for completions, where they are limited.", "A: one read of 4 KiB");
  v.field("credit_return", credit_return, base::ns(0), base::us(10),
          "From freeing the receive buffer to the transmitter seeing the credit.",
          "A: one way of the link");
  v.field("ack_interval", ack_interval, {16, 65536}, "bytes",
          "TLP bytes for each ACK and each UpdateFC DLLP of 8 bytes.",
          "M: pcie-model, x16 with MPS 256 (x8: 203)");
  v.field("skip_ppm", skip_ppm, {0, 100000}, "ppm", "Wire time spent on skip ordered sets.",
          "D: pcie-model, what raw rate and TLP rate leave");
  v.rule(base::is_power_of_two(lanes), "lanes", fmt::format("{} lanes: not 1, 2, 4, 8, 16", lanes));
  v.rule(base::is_power_of_two(mps.value()), "mps",
         fmt::format("{} is no power of two", to_string(mps)));
  v.rule(base::is_power_of_two(mrrs.value()), "mrrs",
         fmt::format("{} is no power of two", to_string(mrrs)));
  v.rule(rcb.value() == 64 || rcb.value() == 128, "rcb",
         fmt::format("{} is neither 64B nor 128B", to_string(rcb)));
  v.rule(posted_data * 16ull >= mps.value(), "posted_data",
         fmt::format("{} credits of 16 B hold no TLP of {}", posted_data, to_string(mps)));
}

base::byte_rate link_params::tlp_rate() const {
  const std::uint64_t transfers = 1000000000ull << generation;  // Gen3 8 GT/s ... Gen6 64 GT/s
  const std::uint64_t bits = transfers * lanes;
  const std::uint64_t raw = generation == 6 ? bits / 256 * 236 / 8 : bits / 130 * 128 / 8;
  const std::uint64_t dllp = raw / ack_interval * 16;
  return base::byte_rate(raw - dllp - raw / 1000000 * skip_ppm);
}

std::uint64_t link_params::request_overhead(bool pasid) const {
  return 24u + (pasid ? 4u : 0u) + (ecrc ? 4u : 0u);
}

std::uint64_t link_params::completion_overhead() const {
  return 20u + (ecrc ? 4u : 0u);
}

std::uint64_t link_params::upstream_bytes(bool write, std::uint32_t length, bool pasid) const {
  return request_overhead(pasid) + (write ? base::divide_up(length, 4) * 4 : 0);
}

std::uint64_t link_params::completion_bytes(std::uint64_t address, std::uint32_t length) const {
  const unsigned shift = base::log2_floor(mps.value());
  const std::uint64_t first = address >> shift;
  const std::uint64_t last = (address + length - 1) >> shift;
  return (last - first + 1) * completion_overhead() + base::divide_up(length, 4) * 4;
}

std::uint64_t link_params::translation_completion_bytes(std::uint32_t length) const {
  const std::uint64_t tlps = std::max<std::uint64_t>(base::divide_up(length, mps.value()), 1);
  return tlps * completion_overhead() + base::divide_up(length, 8) * 8;
}

}  // namespace svasim::pcie
