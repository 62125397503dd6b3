#include "workloads/generator.h"

#include <algorithm>

#include "base/bits.h"
#include "describe/effective.h"

namespace svasim::workloads {
namespace {

std::uint64_t cold_start(const generator_params& p) {
  const std::uint64_t page = p.page_size().value();
  return base::divide_up(p.footprint.value(), page) * page;
}

}  // namespace

generator::generator(const generator_params& params)
    : m_params(params),
      m_simple(params.is_simple()),
      m_rng(params.seed),
      m_length_shift(base::log2_floor(params.length.value())),
      m_slots(params.footprint.value() >> m_length_shift),
      m_cold_slots(std::max<std::uint64_t>(1, params.cold_footprint.value() >> m_length_shift)),
      m_cold_start(cold_start(params)),
      m_turns(params) {
  m_blank.length = static_cast<std::uint32_t>(params.length.value());
  m_blank.has_output = true;
  summarise();
  if (m_simple) return;
  start();
  rehearse();
  start();
}

void generator::summarise() {
  const generator_params& p = m_params;
  m_summary.format = "generator";
  generator_params described = p;
  m_summary.digest = describe::effective_digest(described);
  m_summary.lines = m_summary.runs = m_summary.accesses = p.accesses;
  m_summary.length = p.interval * (p.accesses - 1);
  m_summary.page_size = p.page_size();
  for (std::uint32_t i = 0; i < p.streams; ++i) {
    const base::stream_id sid(p.first_stream + i);
    const std::uint64_t output = p.output.value() + i * p.region_size().value();
    m_streams.push_back({sid, output});
    const base::asid asid(static_cast<std::uint16_t>(p.first_asid + i));
    const std::uint64_t share = (p.accesses + p.streams - 1 - i) / p.streams;
    m_summary.streams.push_back({sid, asid, base::vmid(), share});
    if (!p.mapped_up_front()) continue;
    m_summary.regions.push_back({sid, base::iova(p.address.value()), p.region_size(), output});
  }
}

// To the beginning.
void generator::start() {
  m_rng = base::rng(m_params.seed);
  m_turns = turns(m_params);
  m_waiting = record_runs();
  m_made = m_records = 0;
  m_time = base::duration();
  m_steps = make_steps(m_params, m_rng);
}

void generator::rehearse() {
  for (trace::stream_tag& t : m_summary.streams) t.accesses = 0;
  m_summary.runs = 0;
  trace::record r;
  while (next_of_steps(r)) {
    m_summary.length = r.time;
    if (r.kind == trace::record_kind::access) {
      ++m_summary.runs;
      ++m_summary.streams[r.sid.value() - m_params.first_stream].accesses;
    } else {
      ++m_summary.commands;
      ++m_summary.commands_by_opcode[static_cast<std::uint8_t>(base::bits(r.command[0], 7, 0))];
    }
  }
  m_summary.lines = m_records;
  // A stream that never had a turn has no accesses.
  auto& streams = m_summary.streams;
  streams.erase(std::remove_if(streams.begin(), streams.end(),
                               [](const trace::stream_tag& t) { return t.accesses == 0; }),
                streams.end());
}

bool generator::next_of_steps(trace::record& out) {
  if (m_made == m_params.accesses) return false;
  while (!m_waiting.pop(out)) {
    const std::uint32_t i = m_turns.next();
    trace::record like;
    like.sid = m_streams[i].sid;
    like.time = m_time;
    m_time += m_turns.gap();
    m_steps[i]->step(like, m_waiting);
  }
  out.line = ++m_records;
  if (out.kind != trace::record_kind::access) return true;
  ++m_made;
  out.has_output = true;
  out.output = m_streams[out.sid.value() - m_params.first_stream].output +
               (out.address.value() - m_params.address.value());
  return true;
}

std::size_t generator::fill(trace::record* out, std::size_t n) {
  std::size_t i = 0;
  while (i < n && next(out[i])) ++i;
  return i;
}

generated_trace::generated_trace(const generator_params& params)
    : m_generator(params), m_summary(m_generator.about()) {
  if (params.mapping == mapping_size::page_4k) return;
  for (const trace::region& r : m_summary.regions) {
    m_summary.leaves += r.size.value() / params.page_size().value();
  }
  m_summary.lines += m_summary.leaves;
}

bool generated_trace::next(trace::record& out) {
  const std::uint64_t page = m_summary.page_size.value();
  if (m_summary.leaves == 0 || m_region == m_summary.regions.size()) return m_generator.next(out);
  const trace::region& r = m_summary.regions[m_region];
  out = trace::record();
  out.kind = trace::record_kind::leaf;
  out.address = base::iova(r.address.value() + m_into);
  out.level = page == base::gib(1).value() ? 1 : 2;
  for (const trace::stream_tag& t : m_summary.streams) {
    if (t.sid == r.sid) out.asid = t.asid;
  }
  m_into += page;
  if (m_into == r.size.value()) {
    ++m_region;
    m_into = 0;
  }
  return true;
}

}  // namespace svasim::workloads
