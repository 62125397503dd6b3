#include "workloads/domain_votes.h"

#include <algorithm>
#include <iterator>

namespace svasim::workloads {
namespace {

using trace::request_type;

constexpr std::size_t max_mappings = 1 << 16;
constexpr std::size_t max_streams = 1 << 16;
constexpr std::size_t max_domains = 256;

}  // namespace

void domain_votes::add_request(const trace::record& r) {
  vote(m_named, r.domain);
  if (r.request == request_type::attach) vote_for_stream(r.sid.value(), r.domain);
  if (r.request == request_type::map) map(r);
  if (r.request == request_type::unmap) unmap(r);
}

void domain_votes::map(const trace::record& r) {
  if (m_size >= max_mappings) return;
  if (m_domains.size() >= max_domains && m_domains.count(r.domain) == 0) return;
  m_size +=
      m_domains[r.domain].insert_or_assign(r.address.value(), mapping{r.last, r.output}).second;
}

void domain_votes::unmap(const trace::record& r) {
  const auto found = m_domains.find(r.domain);
  if (found == m_domains.end()) return;
  mappings& m = found->second;
  const auto first = m.lower_bound(r.address.value());
  const auto end = m.upper_bound(r.last);
  m_size -= static_cast<std::size_t>(std::distance(first, end));
  m.erase(first, end);
}

// Domains may use the same addresses: the output tells them apart.
void domain_votes::add_access(const trace::record& r) {
  if (!r.has_output) return;
  for (const auto& [domain, m] : m_domains) {
    const auto behind = m.upper_bound(r.address.value());
    if (behind == m.begin()) continue;
    const auto& [first, at] = *std::prev(behind);
    const bool leads_there =
        r.address.value() <= at.last && at.output + (r.address.value() - first) == r.output;
    if (leads_there) vote_for_stream(r.sid.value(), domain);
  }
}

void domain_votes::decide(std::vector<trace::stream_tag>& streams) const {
  for (trace::stream_tag& t : streams) {
    if (t.has_domain) continue;
    const auto found = m_streams.find(t.sid.value());
    const auto domain = winner(found != m_streams.end() ? found->second : m_named);
    t.has_domain = domain.has_value();
    t.domain = domain.value_or(0);
  }
}

void domain_votes::vote_for_stream(std::uint32_t sid, std::uint32_t domain) {
  if (m_streams.size() >= max_streams && m_streams.count(sid) == 0) return;
  vote(m_streams[sid], domain);
}

void domain_votes::vote(votes& v, std::uint32_t domain) {
  if (v.size() < max_domains || v.count(domain) != 0) ++v[domain];
}

// That with the most votes, of several the smallest.
std::optional<std::uint32_t> domain_votes::winner(const votes& v) {
  const auto best = std::max_element(
      v.begin(), v.end(), [](const auto& a, const auto& b) { return a.second < b.second; });
  if (best == v.end()) return std::nullopt;
  return best->first;
}

}  // namespace svasim::workloads
