#include "tlm/kit/stage.h"

#include <fmt/format.h>

#include <stdexcept>

namespace svasim::kit {
namespace {

using g = stage_group;

constexpr std::array<stage_info, stage_count> stages{{
    {"device_issue", "Device: waiting to issue", g::device,
     "from the moment the record was due until the device had a tag and its link could take it"},
    {"link_credit", "Link: waiting for credits", g::link,
     "until the receiver had returned enough flow-control credits"},
    {"link_queue_up", "Link: waiting for the wire (up)", g::link,
     "behind earlier TLPs of the same direction"},
    {"link_wire_up", "Link: wire (up)", g::link,
     "serialisation and flight towards the root complex"},
    {"root_complex_up", "Root complex (up)", g::link, "receive path of the root complex"},
    {"atc_wait", "ATC: waiting", g::translation,
     "until the ATC had room and a lookup port, or for a translation that another request asked "
     "for"},
    {"atc_lookup", "ATC: lookup", g::translation, "lookup of the device's translation cache"},
    {"atc_translation", "ATC: Translation Request", g::translation,
     "from making a Translation Request until its completion"},
    {"atc_page_request", "ATC: page request", g::translation,
     "from a completion without access until the page request was answered, and pauses before the "
     "next"},
    {"tbu_wait", "TBU: waiting to be taken", g::translation,
     "in the receive buffer until the TBU took the request (lookup port, slots, egress)"},
    {"tbu_lookup", "TBU: lookup", g::translation, "uTLB and main TLB lookup"},
    {"tbu_hazard", "TBU: same page in flight", g::translation,
     "behind an earlier miss of the same stream to the same page or leaf table"},
    {"tbu_token", "TBU: waiting for a token", g::translation,
     "until the TCU could take one more translation request of this TBU"},
    {"tbu_dti_up", "TBU to TCU", g::translation, "translation request on the TBU-TCU link"},
    {"tcu_wait", "TCU: waiting for a slot", g::translation, "until a translation slot was free"},
    {"tcu_lookup", "TCU: lookup", g::translation, "configuration cache and TCU TLB lookup"},
    {"tcu_walk_slot", "TCU: waiting for a walk slot", g::translation, "until a walk slot was free"},
    {"tcu_walk_cache", "TCU: walk cache", g::translation, "walk cache and IPA cache lookups"},
    {"tcu_walk_step", "TCU: walk step", g::translation,
     "steps of the walk logic, and waiting for it"},
    {"config_fetch", "Fetch of STE and CD", g::translation,
     "reads of L1STD, STE, L1CD and CD from memory"},
    {"config_stage2", "Stage 2 of CD fetch", g::translation,
     "stage-2 descriptor reads to find a CD"},
    {"walk_s1_l0", "Walk stage 1 level 0", g::translation, "descriptor read"},
    {"walk_s1_l1", "Walk stage 1 level 1", g::translation, "descriptor read"},
    {"walk_s1_l2", "Walk stage 1 level 2", g::translation, "descriptor read"},
    {"walk_s1_l3", "Walk stage 1 level 3", g::translation, "descriptor read"},
    {"walk_s2_l0", "Walk stage 2 level 0", g::translation, "descriptor read"},
    {"walk_s2_l1", "Walk stage 2 level 1", g::translation, "descriptor read"},
    {"walk_s2_l2", "Walk stage 2 level 2", g::translation, "descriptor read"},
    {"walk_s2_l3", "Walk stage 2 level 3", g::translation, "descriptor read"},
    {"stalled", "Stalled by a fault", g::translation,
     "from the fault until CMD_RESUME or CMD_STALL_TERM"},
    {"tbu_dti_down", "TCU to TBU", g::translation, "translation response on the TBU-TCU link"},
    {"tbu_release", "TBU: waiting for its turn", g::memory,
     "translated, behind earlier requests of its stream and direction"},
    {"tbu_egress", "TBU: waiting for the interconnect", g::memory,
     "translated, until the interconnect took the request"},
    {"interconnect_up", "Interconnect (up)", g::memory, "towards the system-level cache"},
    {"slc_queue", "SLC: queue", g::memory, "until a cache slice took the request"},
    {"slc", "SLC: access", g::memory, "tag and data access of the system-level cache"},
    {"dram_queue", "DRAM: queue", g::memory, "until bank and channel were free"},
    {"dram", "DRAM: access", g::memory, "access and data transfer of the memory"},
    {"interconnect_down", "Interconnect (down)", g::memory, "back to the TBU"},
    {"root_complex_down", "Root complex (down)", g::link, "transmit path of the root complex"},
    {"link_queue_down", "Link: waiting for the wire (down)", g::link, "behind earlier completions"},
    {"link_wire_down", "Link: wire (down)", g::link, "serialisation and flight towards the device"},
}};

}  // namespace

const stage_info& about(stage s) {
  return stages[static_cast<std::size_t>(s)];
}

const char* to_string(stage_group group) {
  switch (group) {
    case stage_group::device:
      return "device";
    case stage_group::link:
      return "link";
    case stage_group::translation:
      return "translation";
    case stage_group::memory:
      return "memory";
  }
  return "";
}

void stage_log::fail(base::duration t) const {
  throw std::logic_error(fmt::format("stage {} began at {} ps and ends at {} ps",
                                     about(m_current).name, m_since.value(), t.value()));
}

void stage_log::append(base::duration t) {
  if (t < m_since) fail(t);
  const base::duration length = t - m_since;
  m_since = t;
  if (m_size == capacity) return merge(length);
  m_segments[m_size++] = {m_current, length};
}

// Out of the way of the common case: sums stay exact, only the order of late entries is lost.
void stage_log::merge(base::duration length) {
  for (std::size_t i = capacity; i-- > 0;) {
    if (m_segments[i].what == m_current) {
      m_segments[i].length += length;
      return;
    }
  }
  // A stage met for the first time after 64 others: give it the place of a duplicate.
  for (std::size_t i = capacity; i-- > 0;) {
    for (std::size_t j = 0; j < i; ++j) {
      if (m_segments[j].what != m_segments[i].what) continue;
      m_segments[j].length += m_segments[i].length;
      m_segments[i] = {m_current, length};
      return;
    }
  }
}

}  // namespace svasim::kit
