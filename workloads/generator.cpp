#include "workloads/generator.h"

#include <fmt/format.h>

#include <algorithm>

#include "base/bits.h"
#include "describe/document.h"
#include "describe/effective.h"
#include "describe/reader.h"

namespace svasim::workloads {
namespace {

constexpr std::uint64_t address_space = std::uint64_t{1} << 48;

std::uint64_t round_up(std::uint64_t v, std::uint64_t to) {
  return base::divide_up(v, to) * to;
}

std::uint64_t cold_start(const generator_params& p) {
  return round_up(p.footprint.value(), p.page_size().value());
}

void describe_accesses(generator_params& p, describe::visitor& v) {
  v.choice("pattern", p.pattern,
           {{"sequential", access_pattern::sequential},
            {"strided", access_pattern::strided},
            {"random", access_pattern::random},
            {"hot_cold", access_pattern::hot_cold}},
           "The order of the addresses in a stream.", "A: choice of the workload");
  v.field("accesses", p.accesses, {1, 1000000000000}, "accesses",
          "Accesses of all streams together.", "A: choice of the workload");
  v.field("length", p.length, base::bytes(1), base::kib(4),
          "Bytes of an access, a power of two; accesses are aligned to it.",
          "A: one cache line, as PCIe devices read descriptors");
  v.field("footprint", p.footprint, base::bytes(1), base::gib(65536),
          "What a stream touches; with hot_cold its hot part.", "A: choice of the workload");
  v.field("stride", p.stride, base::bytes(1), base::gib(65536),
          "Distance of an access to the one before in its stream; only for strided.",
          "A: choice of the workload");
  v.field("cold_footprint", p.cold_footprint, base::bytes(1), base::gib(65536),
          "What cold accesses touch, behind the footprint; only for hot_cold.",
          "A: choice of the workload");
  v.field("cold_ppm", p.cold_ppm, {0, 1000000}, "ppm",
          "Share of accesses to the cold footprint; only for hot_cold.",
          "A: choice of the workload");
  v.field("write_ppm", p.write_ppm, {0, 1000000}, "ppm", "Share of writes.",
          "A: choice of the workload");
  v.field("interval", p.interval, base::ps(0), base::us(1000000),
          "Between one access and the next; 0 lets the device issue as fast as it can.",
          "A: choice of the workload");
  v.field("seed", p.seed, {0, ~std::uint64_t{0}}, "seed", "Of the random choices.",
          "A: any number");
}

void describe_mapping(generator_params& p, describe::visitor& v) {
  v.choice("page_size", p.mapping,
           {{"4KiB", mapping_size::page_4k},
            {"2MiB", mapping_size::block_2m},
            {"1GiB", mapping_size::block_1g}},
           "Size of the leaves that map the footprint.", "A: choice of the workload");
  v.field("address", p.address, base::bytes(0), base::gib(262143),
          "I/O virtual address where the footprint begins, the same in each stream.",
          "A: above 4 GiB, as Linux gives out for 64-bit devices");
  v.field("output", p.output, base::bytes(0), base::gib(262143),
          "Output address where the first stream's footprint begins; the others follow it.",
          "A: away from the model's own tables");
  v.field("streams", p.streams, {1, 4096}, "streams", "Devices that take turns.",
          "A: choice of the workload");
  v.field("first_stream", p.first_stream, {0, 0xffffffff}, "StreamID",
          "StreamID of the first device; the others count up from it.",
          "A: device 00:01.0 of segment 0");
  v.field("first_asid", p.first_asid, {0, 0xffff}, "ASID",
          "ASID of the first device; the others count up from it.", "A: Linux gives out 1 first");
}

}  // namespace

void generator_params::describe(describe::visitor& v) {
  describe_accesses(*this, v);
  describe_mapping(*this, v);
  const std::uint64_t unit = length.value();
  const bool power = base::is_power_of_two(unit);
  v.rule(power, "length", fmt::format("{} is no power of two", base::to_string(length)));
  const auto whole = [&](const char* name, base::byte_size size, std::uint64_t of) {
    v.rule(!power || (size.value() != 0 && size.value() % of == 0), name,
           fmt::format("{} is no multiple of {}", base::to_string(size),
                       base::to_string(base::byte_size(of))));
  };
  whole("footprint", footprint, unit);
  if (pattern == access_pattern::strided) {
    whole("stride", stride, unit);
    v.rule(stride <= footprint, "stride", "the stride is above the footprint");
  }
  if (pattern == access_pattern::hot_cold) whole("cold_footprint", cold_footprint, unit);
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
  v.rule(interval.value() == 0 || accesses <= ~std::uint64_t{0} / interval.value(), "interval",
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
  const std::uint64_t cold = pattern == access_pattern::hot_cold ? cold_footprint.value() : 0;
  return base::byte_size(round_up(cold_start(*this) + cold, page_size().value()));
}

generator_params read_workload(const std::string& path) {
  generator_params params;
  describe::read_into(describe::document::from_file(path), params);
  return params;
}

generator::generator(const generator_params& params)
    : m_params(params),
      m_rng(params.seed),
      m_length_shift(base::log2_floor(params.length.value())),
      m_slots(params.footprint.value() >> m_length_shift),
      m_cold_slots(std::max<std::uint64_t>(1, params.cold_footprint.value() >> m_length_shift)),
      m_cold_start(cold_start(params)) {
  m_blank.length = static_cast<std::uint32_t>(params.length.value());
  m_blank.has_output = true;
  m_summary.format = "generator";
  m_summary.digest = describe::effective_digest(params);
  m_summary.lines = m_summary.runs = m_summary.accesses = params.accesses;
  m_summary.length = params.interval * (params.accesses - 1);
  m_summary.page_size = params.page_size();
  for (std::uint32_t i = 0; i < params.streams; ++i) {
    const base::stream_id sid(params.first_stream + i);
    const std::uint64_t output = params.output.value() + i * params.region_size().value();
    m_streams.push_back({sid, output});
    const base::asid asid(static_cast<std::uint16_t>(params.first_asid + i));
    const std::uint64_t share = (params.accesses + params.streams - 1 - i) / params.streams;
    m_summary.streams.push_back({sid, asid, base::vmid(), share});
    m_summary.regions.push_back(
        {sid, base::iova(params.address.value()), params.region_size(), output});
  }
}

std::size_t generator::fill(trace::record* out, std::size_t n) {
  const std::uint64_t left = m_params.accesses - m_made;
  const auto count = static_cast<std::size_t>(std::min<std::uint64_t>(n, left));
  for (std::size_t i = 0; i < count; ++i) make(out[i]);
  return count;
}

}  // namespace svasim::workloads
