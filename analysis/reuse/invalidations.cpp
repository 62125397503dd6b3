#include "analysis/reuse/invalidations.h"

#include <fmt/format.h>

#include <map>
#include <utility>

#include "arch/command.h"
#include "arch/invalidation.h"
#include "base/bits.h"
#include "base/error.h"

namespace svasim::reuse {

stream_tags::stream_tags(const std::vector<trace::stream_tag>& streams) {
  std::map<std::pair<base::vmid, base::asid>, std::size_t> known;
  for (const trace::stream_tag& s : streams) {
    const auto [at, is_new] = known.emplace(std::pair{s.vmid, s.asid}, m_tags.size());
    if (is_new) m_tags.push_back({s.asid, s.vmid, {}});
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

const removal& invalidation_reader::read(const trace::record& command) {
  m_removal.tags.clear();
  const arch::invalidation what(arch::decode_command(command.command), m_caps);
  if (!what.is_translation()) return m_removal;
  m_removal.first = 0;
  m_removal.last = ~std::uint64_t{0};
  if (what.by_address()) {
    const std::uint64_t in_granule = base::low_mask(m_granule_shift);
    m_removal.first = what.first() & ~in_granule;
    m_removal.last = what.last() | in_granule;
  }
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
  return m_removal;
}

}  // namespace svasim::reuse
