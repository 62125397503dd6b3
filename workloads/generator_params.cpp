#include "workloads/generator_params.h"

#include <fmt/format.h>

#include "base/bits.h"
#include "describe/document.h"
#include "describe/reader.h"
#include "workloads/device_steps.h"

namespace svasim::workloads {
namespace {

constexpr std::uint64_t address_space = std::uint64_t{1} << 48;
constexpr std::uint64_t page = 4096;
constexpr const char* of_the_workload = "A: choice of the workload";

std::uint64_t round_up(std::uint64_t v, std::uint64_t to) {
  return base::divide_up(v, to) * to;
}

void describe_accesses(generator_params& p, describe::visitor& v) {
  v.choice("pattern", p.pattern,
           {{"sequential", access_pattern::sequential},
            {"strided", access_pattern::strided},
            {"random", access_pattern::random},
            {"hot_cold", access_pattern::hot_cold},
            {"zipf", access_pattern::zipf},
            {"pointer_chase", access_pattern::pointer_chase},
            {"first_touch", access_pattern::first_touch},
            {"unmap_storm", access_pattern::unmap_storm},
            {"nic_rings", access_pattern::nic_rings},
            {"nvme_queues", access_pattern::nvme_queues}},
           "The order of the addresses in a stream, or the device that makes them.",
           of_the_workload);
  v.field("accesses", p.accesses, {1, 1000000000000}, "accesses",
          "Accesses of all streams together.", of_the_workload);
  v.field("length", p.length, base::bytes(1), base::kib(4),
          "Bytes of an access, a power of two; accesses are aligned to it. Not for devices.",
          "A: one cache line, as PCIe devices read descriptors");
  v.field("footprint", p.footprint, base::bytes(1), base::gib(65536),
          "What a stream touches; with hot_cold its hot part, with nvme_queues the buffers of a "
          "queue pair; not for nic_rings.",
          of_the_workload);
  v.field("stride", p.stride, base::bytes(1), base::gib(65536),
          "Distance of an access to the one before in its stream; only for strided.",
          of_the_workload);
  v.field("cold_footprint", p.cold_footprint, base::bytes(1), base::gib(65536),
          "What cold accesses touch, behind the footprint; only for hot_cold.", of_the_workload);
  v.field("cold_ppm", p.cold_ppm, {0, 1000000}, "ppm",
          "Share of accesses to the cold footprint; only for hot_cold.", of_the_workload);
  v.field("zipf_percent", p.zipf_percent, {0, 300}, "%",
          "Exponent s of the weight 1 / rank^s of a 4 KiB page, in hundredths; only for zipf.",
          "A: 0.99, as YCSB has it");
  v.field("touches", p.touches, {1, 1000000}, "accesses",
          "To a page before the next; only for first_touch and unmap_storm.", of_the_workload);
  v.field("unmap_pages", p.unmap_pages, {1, 512}, "pages",
          "Used, then unmapped and invalidated by one command; only for unmap_storm.",
          "A: strict unmapping of 4 KiB buffers");
  v.field("write_ppm", p.write_ppm, {0, 1000000}, "ppm",
          "Share of writes; with nvme_queues of write commands, with nic_rings of packets sent.",
          of_the_workload);
}

void describe_devices(generator_params& p, describe::visitor& v) {
  v.field("transfer", p.transfer, base::bytes(1), base::kib(512),
          "Bytes of a packet or of an NVMe command; only for nic_rings and nvme_queues.",
          of_the_workload);
  v.field("queues", p.queues, {1, 256}, "pairs",
          "Ring or queue pairs of a device, used in turn; only for nic_rings and nvme_queues.",
          of_the_workload);
  v.field("queue_entries", p.queue_entries, {4, 65536}, "entries",
          "Of each ring or queue, a multiple of 4; only for nic_rings and nvme_queues.",
          "A: Linux' limit for an NVMe queue");
  v.field("queue_depth", p.queue_depth, {1, 65535}, "commands",
          "Under way in a queue pair, completed in random order; only for nvme_queues.",
          of_the_workload);
}

void describe_turns(generator_params& p, describe::visitor& v) {
  v.field("streams", p.streams, {1, 4096}, "streams", "Devices, each with an address space.",
          of_the_workload);
  v.field("first_stream", p.first_stream, {0, 0xffffffff}, "StreamID",
          "StreamID of the first device; the others count up from it.",
          "A: device 00:01.0 of segment 0");
  v.field("first_asid", p.first_asid, {0, 0xffff}, "ASID",
          "ASID of the first device; the others count up from it.", "A: Linux gives out 1 first");
  v.choice("interleave", p.turns,
           {{"round_robin", interleave::round_robin},
            {"random", interleave::random},
            {"bursty", interleave::bursty}},
           "How the streams take turns; bursty: one drawn at random keeps its turn for a burst.",
           of_the_workload);
  v.field("burst", p.burst, {1, 1000000}, "steps",
          "Accesses, packets or commands of a turn; only for bursty.", of_the_workload);
  v.field(
      "interval", p.interval, base::ps(0), base::us(1000000),
      "Between one access, packet or command and the next, for device.dma.mode open; 0 lets the "
      "device issue as fast as it can (a closed loop).",
      of_the_workload);
  v.choice("arrival", p.arrivals, {{"even", arrival::even}, {"poisson", arrival::poisson}},
           "Intervals all the same, or exponentially distributed with that mean.", of_the_workload);
  v.field("seed", p.seed, {0, ~std::uint64_t{0}}, "seed", "Of the random choices.",
          "A: any number");
}

void describe_mapping(generator_params& p, describe::visitor& v) {
  v.choice("page_size", p.mapping,
           {{"4KiB", mapping_size::page_4k},
            {"2MiB", mapping_size::block_2m},
            {"1GiB", mapping_size::block_1g}},
           "Size of the leaves that map the footprint.", of_the_workload);
  v.field("address", p.address, base::bytes(0), base::gib(262143),
          "I/O virtual address where the footprint begins, the same in each stream.",
          "A: above 4 GiB, as Linux gives out for 64-bit devices");
  v.field("output", p.output, base::bytes(0), base::gib(262143),
          "Output address where the first stream's footprint begins; the others follow it.",
          "A: away from the model's own tables");
}

void rule_sizes(const generator_params& p, describe::visitor& v) {
  const std::uint64_t unit = p.length.value();
  const bool power = base::is_power_of_two(unit);
  v.rule(power, "length", fmt::format("{} is no power of two", base::to_string(p.length)));
  const auto whole = [&](const char* name, base::byte_size size, std::uint64_t of) {
    v.rule(!power || (size.value() != 0 && size.value() % of == 0), name,
           fmt::format("{} is no multiple of {}", base::to_string(size),
                       base::to_string(base::byte_size(of))));
  };
  whole("footprint", p.footprint, unit);
  if (p.pattern == access_pattern::strided) {
    whole("stride", p.stride, unit);
    v.rule(p.stride <= p.footprint, "stride", "the stride is above the footprint");
  }
  if (p.pattern == access_pattern::hot_cold) whole("cold_footprint", p.cold_footprint, unit);
  const bool by_page = p.pattern == access_pattern::zipf || !p.mapped_up_front();
  if (by_page || p.pattern == access_pattern::nvme_queues) whole("footprint", p.footprint, page);
  v.rule(p.pattern != access_pattern::zipf || p.footprint <= base::gib(4), "footprint",
         "zipf has at most 4 GiB: a weight for each page of 4 KiB");
  v.rule(p.mapped_up_front() || p.mapping == mapping_size::page_4k, "page_size",
         "first_touch and unmap_storm map pages of 4KiB");
  v.rule(
      p.pattern != access_pattern::unmap_storm || p.footprint.value() % (p.unmap_pages * page) == 0,
      "unmap_pages", "the footprint is no multiple of that");
}

void rule_devices(const generator_params& p, describe::visitor& v) {
  if (p.pattern != access_pattern::nic_rings && p.pattern != access_pattern::nvme_queues) return;
  v.rule(p.queue_entries % 4 == 0, "queue_entries",
         fmt::format("{} is no multiple of 4", p.queue_entries));
  if (p.pattern == access_pattern::nic_rings) return;
  v.rule(p.queue_depth < p.queue_entries, "queue_depth",
         "as many commands as entries or more: a full queue has one entry free");
  v.rule(p.footprint.value() / round_up(p.transfer.value(), page) >= p.queue_depth, "footprint",
         "too small for a buffer of each command under way");
}

}  // namespace

void generator_params::describe(describe::visitor& v) {
  describe_accesses(*this, v);
  describe_devices(*this, v);
  describe_turns(*this, v);
  describe_mapping(*this, v);
  rule_sizes(*this, v);
  rule_devices(*this, v);
  v.rule(address.value() % page_size().value() == 0, "address",
         fmt::format("the address is no multiple of {}", base::to_string(page_size())));
  v.rule(output.value() % page_size().value() == 0, "output",
         fmt::format("the output is no multiple of {}", base::to_string(page_size())));
  v.rule(address + region_size() <= base::byte_size(address_space), "address",
         "the footprint ends above 2^48");
  v.rule(output + region_size() * streams <= base::byte_size(address_space), "output",
         "the streams' footprints end above 2^48");
  v.rule(std::uint64_t{first_stream} + streams <= std::uint64_t{1} << 32, "first_stream",
         "the last StreamID is above 32 bits");
  v.rule(first_asid + streams <= 0x10000, "first_asid", "the last ASID is above 16 bits");
  // A random interval is at most 64 times its mean.
  const std::uint64_t longest = interval.value() * (arrivals == arrival::even ? 1 : 64);
  v.rule(longest == 0 || accesses <= ~std::uint64_t{0} / longest, "interval",
         "the last access comes after more than 200 days");
}

base::byte_size generator_params::page_size() const {
  switch (mapping) {
    case mapping_size::page_4k:
      return base::kib(4);
    case mapping_size::block_2m:
      return base::mib(2);
    case mapping_size::block_1g:
      return base::gib(1);
  }
  return base::kib(4);
}

base::byte_size generator_params::region_size() const {
  const std::uint64_t leaf = page_size().value();
  std::uint64_t size = round_up(footprint.value(), leaf);
  if (pattern == access_pattern::hot_cold) size += round_up(cold_footprint.value(), leaf);
  if (pattern == access_pattern::nic_rings) size = nic_layout_of(*this).span() * queues;
  if (pattern == access_pattern::nvme_queues) size = nvme_layout_of(*this).span() * queues;
  return base::byte_size(round_up(size, leaf));
}

generator_params read_workload(const std::string& path) {
  generator_params params;
  describe::read_into(describe::document::from_file(path), params);
  return params;
}

}  // namespace svasim::workloads
