#include "workloads/summary_builder.h"

#include <fmt/format.h>

#include <algorithm>

#include "base/bits.h"
#include "base/error.h"
#include "workloads/smmu_commands.h"

namespace svasim::workloads {
namespace {

namespace cmd = smmu_commands;

// Beyond these a trace only loses precision in what is guessed, never correctness.
constexpr std::size_t max_tags = 256;
constexpr std::size_t max_watched_pages = 1 << 16;
constexpr unsigned page_shift = 12;

std::uint64_t leaf_size(const trace::record& r) {
  const unsigned per_level = r.granule_shift - 3u;
  return std::uint64_t{1} << (r.granule_shift + (3u - r.level) * per_level);
}

}  // namespace

void summary_builder::add(const trace::record& r) {
  if (m_counts.length < r.time) m_counts.length = r.time;
  switch (r.kind) {
    case trace::record_kind::access:
      return add_access(r);
    case trace::record_kind::command:
      return add_command(r);
    case trace::record_kind::leaf:
      ++m_counts.leaves;
      return hint(r);
    case trace::record_kind::event:
      ++m_counts.events;
      return;
    case trace::record_kind::request:
      return add_request(r);
  }
}

void summary_builder::declare(const trace::stream_tag& t) {
  stream& s = stream_of(t.sid.value());
  s.declared = true;
  s.tags = {{tag{t.asid, t.vmid}, 1}};
  if (t.has_domain) s.domain = t.domain;
}

void summary_builder::add_access(const trace::record& r) {
  const std::uint64_t accesses = std::uint64_t{1} + r.repeats;
  m_counts.accesses += accesses;
  ++m_counts.runs;
  stream& s = stream_of(r.sid.value());
  s.accesses += accesses;
  m_domains.add_access(r);
  if (m_leaf_waits) {
    // A fill of the emulator's TLB stands right before the access that caused it.
    m_leaf_waits = false;
    const std::uint64_t into = r.address.value() - m_last_leaf.address.value();
    if (into < leaf_size(m_last_leaf) && !s.declared) {
      vote(s.tags, {m_last_leaf.asid, m_last_leaf.vmid});
    }
  }
  if (r.has_output && !m_counts.lazy) watch_output(r, s);
}

void summary_builder::add_command(const trace::record& r) {
  ++m_counts.commands;
  const auto op = static_cast<std::uint8_t>(base::bits(r.command[0], 7, 0));
  ++m_counts.commands_by_opcode[op];
  if (op == cmd::tlbi_nh_va || op == cmd::tlbi_nh_asid) {
    vote(m_operand_tags,
         {base::asid(static_cast<std::uint16_t>(base::bits(r.command[0], 63, 48))),
          base::vmid(static_cast<std::uint16_t>(base::bits(r.command[0], 47, 32)))});
  }
  const auto tg = static_cast<unsigned>(base::bits(r.command[1], 11, 10));
  if (m_granule == 0 && tg != 0 && cmd::named_range(r.command)) {
    m_granule = static_cast<std::uint8_t>(cmd::granule_shift(tg));
  }
  if (!m_counts.lazy) forget_outputs(r);
}

void summary_builder::add_request(const trace::record& r) {
  ++m_counts.requests;
  ++m_counts.requests_by_type[r.request];
  m_domains.add_request(r);
  if (!m_counts.lazy && r.request == trace::request_type::unmap) {
    forget_range(r.address.value(), r.last);
  }
}

void summary_builder::hint(const trace::record& leaf) {
  if (m_granule == 0) m_granule = leaf.granule_shift;
  m_last_leaf = leaf;
  m_leaf_waits = true;
}

void summary_builder::watch_output(const trace::record& r, const stream& s) {
  const page_key key{r.address.page(page_shift), r.sid.value()};
  const seen_output now{r.output >> page_shift, s.generation};
  const auto found = m_outputs.find(key);
  if (found == m_outputs.end()) {
    if (m_outputs.size() < max_watched_pages) m_outputs.emplace(key, now);
    return;
  }
  if (found->second.generation != now.generation) found->second = now;
  if (found->second.page == now.page) return;
  m_counts.lazy = true;
  m_outputs.clear();
}

void summary_builder::forget_outputs(const trace::record& r) {
  const auto op = base::bits(r.command[0], 7, 0);
  if (const auto range = cmd::named_range(r.command)) {
    forget_range(range->first, range->last);
  } else if (op == cmd::cfgi_ste) {
    const auto s = m_streams.find(static_cast<std::uint32_t>(base::bits(r.command[0], 63, 32)));
    if (s != m_streams.end()) ++s->second.generation;
  } else if (op == cmd::cfgi_ste_range || op == cmd::tlbi_nh_all || op == cmd::tlbi_s12_vmall ||
             op == cmd::tlbi_nsnh_all) {
    m_outputs.clear();
  }
}

void summary_builder::forget_range(std::uint64_t first, std::uint64_t last) {
  m_outputs.erase(m_outputs.lower_bound({first >> page_shift, 0}),
                  m_outputs.upper_bound({last >> page_shift, ~std::uint32_t{0}}));
}

summary_builder::stream& summary_builder::stream_of(std::uint32_t sid) {
  if (m_last_stream.second != nullptr && m_last_stream.first == sid) return *m_last_stream.second;
  if (m_streams.size() == max_streams && m_streams.count(sid) == 0) {
    throw base::input_error(base::problem{
        m_file, 0, 0, fmt::format("the trace has more than {} streams", max_streams)});
  }
  m_last_stream = {sid, &m_streams[sid]};
  return *m_last_stream.second;
}

void summary_builder::vote(votes& v, tag t) {
  if (v.size() < max_tags || v.count(t) != 0) ++v[t];
}

// That with the most votes, of several the smallest; ASID 0 and VMID 0 when there is none.
summary_builder::tag summary_builder::winner(const votes& v) {
  const auto best = std::max_element(
      v.begin(), v.end(), [](const auto& a, const auto& b) { return a.second < b.second; });
  return best == v.end() ? tag{} : best->first;
}

// For a stream without a fill in the log: the tag that invalidations name most and no other stream
// has, else the lowest free ASID, because Linux gives each device a domain of its own.
summary_builder::tag summary_builder::take_fallback(votes& unclaimed, std::set<tag>& claimed,
                                                    std::uint16_t& free) {
  tag out = winner(unclaimed);
  if (unclaimed.erase(out) == 0) {
    while (claimed.count({base::asid(free), {}}) != 0 && free != 0xffff) ++free;
    out = {base::asid(free), {}};
  }
  claimed.insert(out);
  return out;
}

trace::summary summary_builder::finish() const {
  trace::summary out = m_counts;
  std::set<tag> claimed;
  for (const auto& [sid, s] : m_streams) {
    if (!s.tags.empty()) claimed.insert(winner(s.tags));
  }
  votes unclaimed = m_operand_tags;
  std::uint16_t free = 1;
  for (const tag& t : claimed) unclaimed.erase(t);
  for (const auto& [sid, s] : m_streams) {
    if (s.accesses == 0) continue;
    const auto [asid, vmid] =
        s.tags.empty() ? take_fallback(unclaimed, claimed, free) : winner(s.tags);
    out.streams.push_back(
        {base::stream_id(sid), asid, vmid, s.accesses, s.domain.has_value(), s.domain.value_or(0)});
  }
  m_domains.decide(out.streams);
  const std::uint8_t seen = m_granule != 0 ? m_granule : std::uint8_t{12};
  out.granule_shift = m_declared_granule != 0 ? m_declared_granule : seen;
  return out;
}

}  // namespace svasim::workloads
