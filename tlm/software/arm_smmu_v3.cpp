#include "tlm/software/arm_smmu_v3.h"

#include <fmt/format.h>

#include <algorithm>

#include "base/bits.h"
#include "tlm/kit/time.h"

namespace svasim::software {

using arch::command;
using arch::opcode;

namespace {

constexpr unsigned page_shift = 12;
// CMD_PRI_RESP.Resp and what RESUME does (IHI 0070 4.5.2, 4.6.1).
constexpr std::uint8_t resp_invalid = 1, resp_success = 2;

}  // namespace

void arm_smmu_v3_params::describe(describe::visitor& v) {
  v.group("commands", commands, "Use of the command queue.");
  v.field("range_invalidation", range_invalidation,
          "TLBI commands for ranges (IDR3.RIL), else one for each page.", "T: MMU-700 has RIL");
  v.field("broadcast", broadcast,
          "The SMMU takes part in broadcast TLB maintenance (BTM), so SVA needs no TLBI commands.",
          "A: off, as Linux has it for MMU-700 (vsva-flow 8)");
  v.field("ecmdqs", ecmdqs, {0, 256}, "queues",
          "Enhanced command queues, which invalidations take in turn; 0: all use the CMDQ.",
          "A: off; IDR1.ECMDQ is optional");
  v.field("asid_pages", asid_pages, {1, 1048576}, "pages",
          "Without range invalidation, from so many pages on the whole ASID is invalidated.",
          "T: 2^(PAGE_SHIFT-3) = 512, Linux (vsva-flow 8)");
}

arm_smmu_v3::arm_smmu_v3(const arm_smmu_v3_params& params, const command_lists::ring& ring,
                         bool has_atc, kit::hop_log* log, kit::hop response, stats::group* parent)
    : m_params(params),
      m_atc(has_atc),
      m_log(log),
      m_response_hop(response),
      m_stats(parent),
      m_commands(params.commands, ring, &m_stats) {}

void arm_smmu_v3::add_queue(const command_lists::ring& ring) {
  m_queues.push_back(std::make_unique<command_lists>(
      m_params.commands, ring, &m_stats, fmt::format("commands{}", m_queues.size()).c_str()));
}

command_lists& arm_smmu_v3::next_queue() {
  return m_queues.empty() ? m_commands : *m_queues[m_turn++ % m_queues.size()];
}

void arm_smmu_v3::bind(base::substream_id pasid, base::stream_id sid, base::vmid vmid) {
  m_bound[pasid.value()].push_back({sid, vmid});
}

void arm_smmu_v3::respond(kit::task& t, const fault_group& group, bool success) {
  if (m_log != nullptr) m_log->enter(group.key(), m_response_hop, kit::now());
  command c;
  c.sid = group.sid;
  if (group.stalled) {
    c.op = opcode::resume;
    c.stag = group.tag;
    c.retry = success;
    c.abort = !success;
  } else {
    c.op = opcode::pri_resp;
    c.has_ssid = group.has_pasid;
    c.ssid = group.pasid;
    c.prg_index = group.tag;
    c.response = success ? resp_success : resp_invalid;
  }
  m_stats.responses += 1;
  m_commands.issue(t, c, false);
}

// --- invalidation -------------------------------------------------------------------------------

// Range form: (NUM + 1) * 2^SCALE pages, at most 32 of a scale at a time, from the smallest scale
// that the number of pages is a multiple of (Linux __arm_smmu_tlb_inv_range).
std::vector<command> arm_smmu_v3::tlbi_for(const arm_smmu_v3_params& params, base::asid asid,
                                           base::vmid vmid, std::uint64_t first,
                                           std::uint64_t pages) {
  std::vector<command> out;
  command c;
  c.asid = asid;
  c.vmid = vmid;
  if (pages == 0 || (!params.range_invalidation && pages >= params.asid_pages)) {
    c.op = opcode::tlbi_nh_asid;
    return {c};
  }
  c.op = opcode::tlbi_nh_va;
  c.leaf = true;
  if (!params.range_invalidation) {
    for (std::uint64_t i = 0; i < pages; ++i) {
      c.address = first + (i << page_shift);
      out.push_back(c);
    }
    return out;
  }
  std::uint64_t at = first;
  std::uint64_t left = pages;
  c.tg = 1;
  while (left != 0) {
    const auto scale = static_cast<unsigned>(__builtin_ctzll(left));
    const std::uint64_t num = (left >> scale) & 31;
    c.scale = static_cast<std::uint8_t>(scale);
    c.num = static_cast<std::uint8_t>(num - 1);
    c.address = at;
    if (c.num == 0 && scale == 0) c.ttl = 3;  // NUM, SCALE and TTL all 0 are reserved
    out.push_back(c);
    c.ttl = 0;
    at += num << scale << page_shift;
    left -= num << scale;
  }
  return out;
}

command arm_smmu_v3::atc_inv_for(base::stream_id sid, bool has_pasid, base::substream_id pasid,
                                 std::uint64_t first, std::uint64_t pages) {
  command c;
  c.op = opcode::atc_inv;
  c.sid = sid;
  c.has_ssid = has_pasid;
  c.ssid = pasid;
  if (pages == 0) {
    c.size = 52;  // everything
    return c;
  }
  const std::uint64_t low = first >> page_shift;
  const std::uint64_t high = low + pages - 1;
  const unsigned size = low == high ? 0 : base::log2_floor(low ^ high) + 1;
  c.size = static_cast<std::uint8_t>(size);
  c.address = low >> size << size << page_shift;
  return c;
}

void arm_smmu_v3::invalidate(kit::task& t, const invalidation_range& range) {
  const auto it = m_bound.find(range.pasid.value());
  if (it == m_bound.end()) return;
  std::vector<command> tlbi;
  if (!m_params.broadcast) {
    tlbi = tlbi_for(m_params, range.asid, it->second.front().vmid, range.first, range.pages);
  }
  std::vector<command> atc;
  for (const bound_stream& s : it->second) {
    atc.push_back(atc_inv_for(s.sid, true, range.pasid, range.first, range.pages));
  }
  flush(t, tlbi, m_atc ? atc : std::vector<command>{});
}

void arm_smmu_v3::invalidate_vmid(kit::task& t, base::vmid vmid) {
  command c;
  c.op = opcode::tlbi_nh_all;
  c.vmid = vmid;
  flush(t, {c}, {});
}

void arm_smmu_v3::invalidate_stream(kit::task& t, base::stream_id sid, base::asid asid,
                                    base::vmid vmid, std::uint64_t first, std::uint64_t pages,
                                    bool has_atc) {
  std::vector<command> atc;
  if (has_atc) atc.push_back(atc_inv_for(sid, false, base::substream_id(), first, pages));
  flush(t, tlbi_for(m_params, asid, vmid, first, pages), atc);
}

void arm_smmu_v3::flush(kit::task& t, const std::vector<command>& tlbi,
                        const std::vector<command>& atc) {
  const base::duration begun = kit::now();
  m_stats.invalidations += 1;
  m_stats.tlbi += tlbi.size();
  m_stats.atc_inv += atc.size();
  command_lists& queue = next_queue();
  issue_batched(t, queue, tlbi);
  issue_batched(t, queue, atc);
  m_stats.invalidation_time.add(kit::now() - begun);
}

// Batches, the last of which is synchronised.
void arm_smmu_v3::issue_batched(kit::task& t, command_lists& queue,
                                const std::vector<command>& commands) {
  const std::size_t batch = m_params.commands.batch;
  for (std::size_t i = 0; i < commands.size(); i += batch) {
    const std::size_t n = std::min(batch, commands.size() - i);
    queue.issue(t, &commands[i], n, i + n == commands.size());
  }
}

void arm_smmu_v3::issue_for_guest(kit::task& t, const std::vector<command>& commands) {
  const std::size_t chunk = std::max<std::size_t>(1, m_params.commands.batch - 1);
  command_lists& queue = next_queue();
  for (std::size_t i = 0; i < commands.size(); i += chunk) {
    queue.issue(t, &commands[i], std::min(chunk, commands.size() - i), true);
  }
}

}  // namespace svasim::software
