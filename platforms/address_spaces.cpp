#include "platforms/address_spaces.h"

#include <fmt/format.h>

#include "base/bits.h"
#include "base/error.h"
#include "tlm/software/arm_smmu_v3.h"

namespace svasim::platforms {
namespace {

constexpr unsigned page_shift = 12;
constexpr unsigned block_shift = 21;

arch::table_builder_params builder_params(const tables_params& p) {
  arch::table_builder_params out;
  out.region = layout::tables;
  out.region_size = layout::tables_size;
  out.mode = p.mode;
  out.two_level_stream_table = p.two_level_stream_table;
  out.stage2_page_shift = p.stage2_page_shift();
  out.ipa_bits = p.ipa_bits;
  if (p.mode == arch::table_mode::nested) out.ipa_to_pa = layout::guest_offset;
  return out;
}

// VMID 0 is left to what has none.
base::vmid vmid_of_domain(std::size_t index) {
  return base::vmid(static_cast<std::uint16_t>(index + 1));
}

arch::command_words everything() {
  arch::command c;
  c.op = arch::opcode::tlbi_nsnh_all;
  return arch::encode(c);
}

std::uint64_t block_key(arch::domain_id domain, std::uint64_t address) {
  return address >> block_shift | std::uint64_t{domain.value()} << 40;
}

}  // namespace

address_spaces::address_spaces(base::sparse_memory& memory, const tables_params& params,
                               const trace::summary& about, atc_question has_atc)
    : m_params(params), m_has_atc(std::move(has_atc)), m_tables(memory, builder_params(params)) {
  if (ats() &&
      (params.mode == arch::table_mode::bypass || params.mode == arch::table_mode::stage2)) {
    throw base::input_error("device.ats needs tables.mode stage1 or nested");
  }
  if (about.granule_shift != page_shift) {
    throw base::input_error(fmt::format(
        "the trace is of a machine with {} KiB pages; tables are built with 4 KiB pages only",
        (1u << about.granule_shift) >> 10));
  }
  m_registers.cr0 = 0xd;  // SMMUEN, EVENTQEN, CMDQEN
  m_registers.cr2 = 0x2;  // RECINVSID
  if (ats()) {
    m_registers.idr0 |= 1u << 10;  // ATS
    m_registers.cr0 |= 1u << 4;    // ATSCHK
  }
  m_tables.configure(m_registers);
  for (const trace::stream_tag& s : about.streams) {
    const arch::domain_id domain = domain_for(s.asid, s.vmid);
    attach(s.sid, domain, {s.asid, s.vmid});
  }
}

void address_spaces::attach(base::stream_id sid, arch::domain_id domain, const tags& t) {
  m_streams.insert({sid.value(), {domain, t}});
  const bool atc = m_has_atc && m_has_atc(sid);
  if (atc) m_with_atc[sid.value()] = t;
  if (m_params.mode == arch::table_mode::bypass) {
    m_tables.attach_bypass(sid);
  } else {
    m_tables.attach(sid, domain, atc ? 1 : 0);
  }
}

arch::domain_id address_spaces::domain_for(base::asid asid, base::vmid vmid) {
  const std::uint32_t key = asid.value() | std::uint32_t{vmid.value()} << 16;
  const auto it = m_domains.find(key);
  if (it != m_domains.end()) return it->second;
  // Stage 2 tables belong to a VMID, so each domain needs one of its own.
  const bool own_vmid = m_params.mode == arch::table_mode::stage2;
  const base::vmid tag = own_vmid ? vmid_of_domain(m_domains.size()) : vmid;
  const arch::domain_id domain = m_tables.add_domain({asid, tag});
  m_domains.insert({key, domain});
  return domain;
}

arch::command_words address_spaces::command_for(const arch::command_words& recorded) const {
  if (m_params.mode != arch::table_mode::stage2) return recorded;
  arch::command c = arch::decode_command(recorded);
  const auto it = m_domains.find(c.asid.value() | std::uint32_t{c.vmid.value()} << 16);
  switch (c.op) {
    case arch::opcode::tlbi_nh_va:
      c.op = arch::opcode::tlbi_s2_ipa;
      break;
    case arch::opcode::tlbi_nh_asid:
      c.op = arch::opcode::tlbi_s12_vmall;
      break;
    case arch::opcode::tlbi_nh_vaa:
    case arch::opcode::tlbi_nh_all:
      return everything();  // several domains may have that VMID
    default:
      return recorded;
  }
  if (it == m_domains.end()) return everything();
  c.asid = base::asid();
  c.vmid = vmid_of_domain(it->second.value());
  return arch::encode(c);
}

arch::domain_id address_spaces::domain_of(base::stream_id sid) {
  const auto it = m_streams.find(sid.value());
  if (it != m_streams.end()) return it->second.first;
  const tags t{base::asid(m_next_asid++), base::vmid(0)};
  const arch::domain_id domain = domain_for(t.asid, t.vmid);
  attach(sid, domain, t);
  return domain;
}

std::vector<arch::command> address_spaces::atc_invalidations(std::optional<tags> of,
                                                             std::uint64_t first,
                                                             std::uint64_t last) const {
  std::vector<arch::command> out;
  const std::uint64_t page = first >> page_shift;
  const std::uint64_t pages = (last >> page_shift) - page + 1;
  const bool all = first == 0 && pages > (1ull << 35);
  for (const auto& [sid, t] : m_with_atc) {
    if (of && (t.asid != of->asid || t.vmid != of->vmid)) continue;
    out.push_back(software::arm_smmu_v3::atc_inv_for(
        base::stream_id(sid), false, base::substream_id(), page << page_shift, all ? 0 : pages));
  }
  return out;
}

address_spaces::tags address_spaces::tags_of(base::stream_id sid) {
  domain_of(sid);
  return m_streams.at(sid.value()).second;
}

// Without a recorded output the IOVA stands for it: any fixed choice will do.
std::uint64_t address_spaces::output_of(const trace::record& access) const {
  return access.has_output ? access.output : access.address.value();
}

address_spaces::need address_spaces::check(const trace::record& access) {
  if (m_params.mode == arch::table_mode::bypass) return need::nothing;
  const auto found = m_tables.lookup(domain_of(access.sid), access.address);
  if (!found) return need::map;
  const std::uint64_t offset = access.address.value() - found->input;
  const bool same = found->output + offset == output_of(access);
  const bool permitted = found->writable || (!access.write && (access.permission & 2) == 0);
  return same && permitted ? need::nothing : need::remap;
}

unsigned address_spaces::leaf_shift(arch::domain_id domain, const trace::record& access) const {
  const auto it = m_blocks.find(block_key(domain, access.address.value()));
  if (it == m_blocks.end()) return page_shift;
  const unsigned shift = it->second;
  // A block needs the same offset on both sides.
  const bool aligned = access.address.offset(shift) == (output_of(access) & base::low_mask(shift));
  return aligned ? shift : page_shift;
}

arch::table_change address_spaces::map(const trace::record& access) {
  const arch::domain_id domain = domain_of(access.sid);
  const unsigned shift = leaf_shift(domain, access);
  const bool writable = access.write || (access.permission & 2) != 0;
  ++m_changes;
  return m_tables.map(domain, access.address.page_base(shift), output_of(access) >> shift << shift,
                      shift, writable);
}

arch::table_change address_spaces::unmap(base::asid asid, base::vmid vmid, base::iova first,
                                         base::byte_size size, bool free_tables) {
  const auto it = m_domains.find(asid.value() | std::uint32_t{vmid.value()} << 16);
  if (it == m_domains.end()) return {};
  // What the table looked like goes with it.
  const std::uint64_t last = first.value() + size.value() - 1;
  if ((size.value() >> block_shift) < m_blocks.size()) {
    for (std::uint64_t b = first.value() >> block_shift; b <= last >> block_shift; ++b) {
      m_blocks.erase(block_key(it->second, b << block_shift));
    }
  } else {
    m_blocks.clear();
  }
  const arch::table_change change = m_tables.unmap(it->second, first, size, free_tables);
  if (change.pages != 0) ++m_changes;
  return change;
}

void address_spaces::note_leaf(const trace::record& leaf) {
  const unsigned shift = leaf.level == 1 ? 30 : leaf.level == 2 ? 21 : 12;
  const arch::domain_id domain = domain_for(leaf.asid, leaf.vmid);
  const std::uint64_t base = leaf.address.value() >> shift << shift;
  if (shift == page_shift) {
    m_blocks.erase(block_key(domain, base));
    return;
  }
  for (std::uint64_t at = base; at < base + (1ull << shift); at += 1ull << block_shift) {
    m_blocks[block_key(domain, at)] = static_cast<std::uint8_t>(shift);
  }
}

void address_spaces::map_region(const trace::region& region, base::byte_size page) {
  if (m_params.mode == arch::table_mode::bypass) return;
  const arch::domain_id domain = domain_of(region.sid);
  const auto shift = static_cast<unsigned>(base::log2_floor(page.value()));
  for (std::uint64_t at = 0; at < region.size.value(); at += page.value()) {
    m_tables.map(domain, region.address + at, region.output + at, shift, true);
  }
}

}  // namespace svasim::platforms
