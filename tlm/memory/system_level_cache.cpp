#include "tlm/memory/system_level_cache.h"

#include <fmt/format.h>

#include <stdexcept>

#include "base/bits.h"
#include "tlm/kit/cache_params.h"
#include "tlm/memory/dram.h"

namespace svasim::memory {

using kit::enter_stage;
using kit::extension_of;
using kit::from_sc;
using kit::later;
using kit::now;
using kit::stage;
using kit::to_sc;

void system_level_cache_params::describe(describe::visitor& v) {
  v.field("size", size, base::kib(64), base::gib(1), "Capacity, in lines of 64 B.",
          "M: CMN-700 of Yitian 710, measurements 6");
  v.field("ways", ways, {1, 64}, "ways", "Associativity.", "A: assumed");
  kit::describe_policy(v, policy, "A: assumed");
  v.field("hit_latency", hit_latency, base::ns(1), base::us(1), "Tag and data access of a hit.",
          "D: 70 ns walk read of measurements 11 less twice the interconnect");
  v.field("miss_latency", miss_latency, base::ns(0), base::us(1),
          "From lookup to the request at the memory controller, and back with the data.",
          "A: assumed");
  v.field("clock", clock, base::mhz(100), base::mhz(10000), "Clock of the slices.",
          "A: clock of the mesh");
  v.field("slices", slices, {1, 256}, "slices", "Slices, each takes a request a cycle.",
          "A: assumed");
  v.field("input_queue", input_queue, {1, 65536}, "requests",
          "Requests a slice holds before the interconnect must wait.", "A: assumed");
  v.field("misses", misses, {1, 65536}, "misses", "Outstanding misses.", "A: assumed");
  v.field("allocate_dma_writes", allocate_dma_writes,
          "DMA writes allocate lines (cache stashing) instead of going to memory.",
          "A: common for coherent PCIe");
  v.field("allocate_dma_reads", allocate_dma_reads,
          "DMA reads that miss allocate lines; else what they find there was put by others.",
          "A: common for CMN; DDIO of Intel does not, pcie-bench (measurements 1)");
  const std::uint64_t lines = size.value() >> system_level_cache::line_shift;
  v.rule(base::is_power_of_two(slices), "slices",
         fmt::format("{} slices: not a power of two", slices));
  v.rule(ways != 0 && lines % ways == 0, "ways",
         fmt::format("{} ways do not divide {} lines", ways, lines));
}

system_level_cache::system_level_cache(sc_core::sc_module_name name,
                                       const system_level_cache_params& params,
                                       base::sparse_memory& bytes, stats::group* parent)
    : sc_module(name),
      from_interconnect("from_interconnect"),
      to_dram("to_dram"),
      m_params(params),
      m_cycle(period(params.clock)),
      m_queue_time(m_cycle * params.input_queue),
      m_bytes(bytes),
      m_stats(parent),
      m_lines({static_cast<std::uint32_t>(params.size.value() >> line_shift), params.ways},
              params.policy),
      m_retry("retry_due"),
      m_slice_mask(params.slices - 1),
      m_slice_free(params.slices),
      m_miss_ends(params.misses) {
  from_interconnect.register_nb_transport_fw(this, &system_level_cache::request);
  from_interconnect.register_b_transport(this, &system_level_cache::blocking);
  to_dram.register_nb_transport_bw(this, &system_level_cache::unexpected);
  SC_HAS_PROCESS(system_level_cache);
  SC_METHOD(retry);
  sensitive << m_retry;
  dont_initialize();
}

tlm::tlm_sync_enum system_level_cache::request(payload& p, tlm::tlm_phase&, sc_core::sc_time& t) {
  const duration present = now();
  const duration arrival = present + from_sc(t);
  const duration possible = earliest_service(p.get_address(), arrival);
  if (possible != arrival) {
    m_stats.refused += 1;
    m_refused = &p;
    m_refused_at = arrival;
    m_retry.notify(to_sc(possible - present));
    return tlm::TLM_ACCEPTED;
  }
  t = to_sc(serve(p, arrival) - present);
  return tlm::TLM_COMPLETED;
}

// The request that had to wait outside goes on.
void system_level_cache::retry() {
  payload& p = *m_refused;
  const duration present = now();
  const duration possible = earliest_service(p.get_address(), present);
  if (possible != present) {
    m_retry.notify(to_sc(possible - present));
    return;
  }
  m_refused = nullptr;
  enter_stage(extension_of(p), stage::slc_queue, m_refused_at);
  tlm::tlm_phase phase = tlm::BEGIN_RESP;
  sc_core::sc_time t = to_sc(serve(p, present) - present);
  from_interconnect->nb_transport_bw(p, phase, t);
}

base::duration& system_level_cache::slice_of(std::uint64_t address) {
  const std::uint64_t number = address >> line_shift;
  return m_slice_free[(number ^ (number >> 10)) & m_slice_mask];
}

// `arrival`, or when a place in the input queue and a miss entry will be free.
base::duration system_level_cache::earliest_service(std::uint64_t address, duration arrival) {
  const duration free = slice_of(address);
  if (free > arrival + m_queue_time) return free - m_queue_time;
  if (m_miss_ends.size() < m_params.misses) return arrival;
  m_miss_ends.expire(arrival);
  return m_miss_ends.size() < m_params.misses ? arrival : m_miss_ends.first();
}

// Takes a slice and looks up; returns when the data is there.
base::duration system_level_cache::serve(payload& p, duration arrival) {
  duration& free = slice_of(p.get_address());
  const duration start = later(arrival, free);
  free = start + m_cycle;
  kit::dma_extension& ext = extension_of(p);
  enter_stage(ext, stage::slc_queue, arrival);
  enter_stage(ext, stage::slc, start);
  const duration end = access(p, start);
  p.set_response_status(tlm::TLM_OK_RESPONSE);
  return end;
}

// Looks up every line of the request; returns when its last data is there.
base::duration system_level_cache::access(payload& p, duration start) {
  const std::uint64_t first = p.get_address() >> line_shift;
  const std::uint64_t last = (p.get_address() + p.get_data_length() - 1) >> line_shift;
  const bool walk = extension_of(p).kind == kit::traffic::table_walk;
  const bool allocates = p.is_write() ? m_params.allocate_dma_writes : m_params.allocate_dma_reads;
  const bool bypass = !allocates && extension_of(p).kind == kit::traffic::dma;
  duration end = start + m_params.hit_latency;
  std::uint64_t missing = 0;
  for (std::uint64_t n = first; n <= last; ++n) {
    if (!m_lines.access(n, p.is_write(), start, end)) ++missing;
  }
  const std::uint64_t lines = last - first + 1;
  m_stats.lookups += lines;
  m_stats.hits += lines - missing;
  m_stats.misses += missing;
  m_stats.walk_reads += walk;
  m_stats.walk_hits += walk && missing == 0;
  const bool to_memory = missing != 0 && (p.is_read() || bypass);
  if (to_memory) {
    end = later(end, read_missing(p, start));
  } else {
    copy_data(p, m_bytes);
  }
  if (missing == 0 || bypass) return end;
  for (std::uint64_t n = first; n <= last; ++n) {
    if (lines == 1 || !m_lines.holds(n)) fill(n, p.is_write(), end, start);
  }
  return end;
}

// The request itself goes on to memory, which answers at once with the time annotated.
base::duration system_level_cache::read_missing(payload& p, duration start) {
  tlm::tlm_phase phase = tlm::BEGIN_REQ;
  sc_core::sc_time t = to_sc(start + m_params.miss_latency - now());
  to_dram->nb_transport_fw(p, phase, t);
  const duration data = now() + from_sc(t);
  enter_stage(extension_of(p), stage::slc, data);
  const duration end = data + m_params.miss_latency;
  m_miss_ends.add(end);
  return end;
}

void system_level_cache::fill(std::uint64_t line, bool dirty, duration ready, duration start) {
  m_stats.fills += 1;
  const line_store::evicted_line evicted = m_lines.insert(line, dirty, ready);
  if (!evicted.valid) return;
  m_stats.evictions += 1;
  if (evicted.dirty) write_back(evicted.number, start);
}

void system_level_cache::write_back(std::uint64_t line, duration start) {
  m_stats.writebacks += 1;
  payload& p = m_pool.take(tlm::TLM_WRITE_COMMAND, line << line_shift, 1u << line_shift);
  extension_of(p).timing_only = true;
  extension_of(p).log = nullptr;
  tlm::tlm_phase phase = tlm::BEGIN_REQ;
  sc_core::sc_time t = to_sc(start + m_params.miss_latency - now());
  to_dram->nb_transport_fw(p, phase, t);
  p.release();
}

// As request(): what annotates less than others would find their later arrivals before it.
void system_level_cache::blocking(payload& p, sc_core::sc_time& t) {
  duration arrival = now() + from_sc(t);
  for (;;) {
    const duration possible = earliest_service(p.get_address(), arrival);
    if (possible == arrival) break;
    sc_core::wait(to_sc(possible - now()));
    arrival = now();
  }
  t = to_sc(serve(p, arrival) - now());
}

tlm::tlm_sync_enum system_level_cache::unexpected(payload&, tlm::tlm_phase&, sc_core::sc_time&) {
  throw std::logic_error("memory answers at the call, never later");
}

}  // namespace svasim::memory
