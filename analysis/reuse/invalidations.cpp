#include "analysis/reuse/invalidations.h"

#include <fmt/format.h>

#include <map>
#include <tuple>

#include "arch/command.h"
#include "arch/invalidation.h"
#include "base/bits.h"
#include "base/error.h"

namespace svasim::reuse {

stream_tags::stream_tags(const std::vector<trace::stream_tag>& streams) {
  using key = std::tuple<base::vmid, base::asid, bool, std::uint32_t>;
  std::map<key, std::size_t> known;
  for (const trace::stream_tag& s : streams) {
    const auto [at, is_new] =
        known.emplace(key{s.vmid, s.asid, s.has_domain, s.domain}, m_tags.size());
    if (is_new) m_tags.push_back({s.asid, s.vmid, s.has_domain, s.domain, {}});
    if (m_of.emplace(s.sid.value(), at->second).second) {
      m_tags[at->second].streams.push_back(s.sid.value());
    }
  }
}

std::size_t stream_tags::of(base::stream_id sid) const {
  const auto found = m_of.find(sid.value());
  if (found != m_of.end()) return found->second;
  throw base::input_error(
      fmt::format("StreamID {:#x} is not in the trace's own list of streams", sid.value()));
}

const removal& invalidation_reader::read(const trace::record& r) {
  m_removal.tags.clear();
  if (r.kind == trace::record_kind::command) read_command(r);
  if (r.kind == trace::record_kind::request && r.request == trace::request_type::unmap) {
    read_unmap(r);
  }
  return m_removal;
}

void invalidation_reader::set_range(std::uint64_t first, std::uint64_t last) {
  const std::uint64_t in_granule = base::low_mask(m_granule_shift);
  m_removal.first = first & ~in_granule;
  m_removal.last = last | in_granule;
}

void invalidation_reader::read_unmap(const trace::record& r) {
  set_range(r.address.value(), r.last);
  for (std::size_t i = 0; i < m_tags.all().size(); ++i) {
    const stream_tags::tag& t = m_tags.all()[i];
    if (t.has_domain && t.domain == r.domain) m_removal.tags.push_back(i);
  }
}

void invalidation_reader::read_command(const trace::record& r) {
  const arch::invalidation what(arch::decode_command(r.command), m_caps);
  if (!what.is_translation()) return;
  m_removal.first = 0;
  m_removal.last = ~std::uint64_t{0};
  if (what.by_address()) set_range(what.first(), what.last());
  // An entry that covers every address: only its tag decides.
  arch::entry_tag entry;
  entry.size_shift = 64;
  for (std::size_t i = 0; i < m_tags.all().size(); ++i) {
    entry.vmid = m_tags.all()[i].vmid;
    entry.asid = m_tags.all()[i].asid;
    entry.by_ipa = false;
    bool covered = what.covers(entry);
    // The trace does not say which streams have stage 2 only.
    entry.by_ipa = true;
    covered = covered || what.covers(entry);
    if (covered) m_removal.tags.push_back(i);
  }
}

}  // namespace svasim::reuse
