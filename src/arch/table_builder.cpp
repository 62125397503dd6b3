#include "arch/table_builder.h"

#include <fmt/format.h>

#include <algorithm>

#include "arch/cd.h"
#include "arch/descriptor.h"
#include "base/bits.h"
#include "base/error.h"

namespace svasim::arch {

namespace {
constexpr unsigned granule = 12;
constexpr unsigned split = 8;
constexpr unsigned va_bits = 48;

[[noreturn]] void refuse(std::string message) {
  throw base::input_error(std::move(message));
}

bool is_size(unsigned shift) {
  return shift == 12 || shift == 21 || shift == 30;
}

/// Throws unless the parameters are in range, before anything is laid out.
const table_builder_params& checked(const table_builder_params& p) {
  const unsigned largest_sid = p.two_level_stream_table ? 32 : 20;
  if (p.stream_id_bits < 1 || p.stream_id_bits > largest_sid) {
    refuse(fmt::format("stream table: {} StreamID bits are not in 1..{}", p.stream_id_bits,
                       largest_sid));
  }
  if (p.output_bits > 48 || address_size_bits(address_size_code(p.output_bits)) != p.output_bits) {
    refuse(fmt::format("tables: {} output address bits are not one of 32, 36, 40, 42, 44, 48",
                       p.output_bits));
  }
  if (p.ipa_bits < 32 || p.ipa_bits > p.output_bits) {
    refuse(fmt::format("tables: {} IPA bits are not in 32..{}", p.ipa_bits, p.output_bits));
  }
  if (p.mode != table_mode::nested) {
    return p;
  }
  if (!is_size(p.stage2_page_shift)) {
    refuse(fmt::format("tables: 2^{} bytes are no stage 2 page size", p.stage2_page_shift));
  }
  if ((p.ipa_to_pa & base::low_mask(p.stage2_page_shift)) != 0 || p.ipa_to_pa >> 48 != 0) {
    refuse(fmt::format("tables: IPA offset {:#x} is not a multiple of the stage 2 page below 2^48",
                       p.ipa_to_pa));
  }
  const std::uint64_t first = (p.region.value() - p.ipa_to_pa) & base::low_mask(48);
  if ((first + p.region_size.value() - 1) >> p.ipa_bits != 0) {
    refuse(fmt::format("tables: the region is at IPA {:#x}, beyond {} bits", first, p.ipa_bits));
  }
  return p;
}

/// As few levels as concatenation of up to 16 root tables allows, like Linux.
unsigned stage2_start_level(unsigned ipa_bits) {
  const unsigned level = stage1_start_level(granule, ipa_bits);
  const unsigned root_bits = ipa_bits - level_shift(granule, level);
  return root_bits <= 4 && level < 2 ? level + 1 : level;
}

std::uint8_t narrow(unsigned v) {
  return static_cast<std::uint8_t>(v);
}
}  // namespace

table_builder::table_builder(base::sparse_memory& memory, const table_builder_params& params)
    : m_params(checked(params)), m_region(memory, params.region, params.region_size) {
  const unsigned entries_shift = m_params.two_level_stream_table
                                     ? std::max(m_params.stream_id_bits, split) - split + 3
                                     : m_params.stream_id_bits + 6;
  m_stream_table = m_region.allocate(std::uint64_t{1} << std::max(granule, entries_shift));
}

void table_builder::configure(registers& regs) const {
  regs.strtab_base = m_stream_table;
  regs.strtab_base_cfg = m_params.stream_id_bits;
  if (m_params.two_level_stream_table) {
    regs.strtab_base_cfg |= split << 6 | 1u << 16;
  }
}

page_tables& table_builder::stage2_of(base::vmid vmid) {
  page_tables*& tables = m_stage2[vmid.value()];
  if (tables == nullptr) {
    m_tables.push_back(std::make_unique<page_tables>(
        m_region, stage::s2, stage2_start_level(m_params.ipa_bits), m_params.ipa_bits));
    tables = m_tables.back().get();
  }
  return *tables;
}

domain_id table_builder::add_domain(const domain_params& params) {
  domain d;
  d.params = params;
  if (m_params.mode == table_mode::stage2) {
    d.tables = &stage2_of(params.vmid);
  } else if (m_params.mode != table_mode::bypass) {
    auto tables = std::make_unique<page_tables>(m_region, stage::s1,
                                                stage1_start_level(granule, va_bits), va_bits);
    d.tables = tables.get();
    m_tables.push_back(std::move(tables));
    write_cd(d);
  }
  m_domains.push_back(d);
  return domain_id(static_cast<std::uint32_t>(m_domains.size() - 1));
}

/// Like Linux: TTB0 only, faults abort and are recorded.
void table_builder::write_cd(domain& d) {
  const std::uint64_t at = m_region.allocate(std::uint64_t{1} << granule);
  if (m_params.mode == table_mode::nested) {
    d.tables->place_over(stage2_of(d.params.vmid), m_params.ipa_to_pa, m_params.stage2_page_shift);
  }
  d.cd = guest_address(d.params.vmid, at, std::uint64_t{1} << granule);
  cd c;
  c.valid = true;
  c.aa64 = true;
  c.half[0].tsz = 64 - va_bits;
  c.half[0].granule_shift = granule;
  c.half[0].ttb = d.tables->root();
  c.half[1].granule_shift = granule;
  c.half[1].epd = true;
  c.ips = narrow(address_size_code(m_params.output_bits));
  c.a = c.r = true;
  c.aset = !d.params.shared;
  c.asid = d.params.asid;
  c.s = d.params.stall;
  d.words = encode(c);
  m_region.memory().write(base::pa(at), d.words.data(), sizeof d.words);
}

/// What the STE has for a structure at the PA `at`: nested, its IPA, which stage 2 maps from now
/// on.
std::uint64_t table_builder::guest_address(base::vmid vmid, std::uint64_t at, std::uint64_t bytes) {
  if (m_params.mode != table_mode::nested) return at;
  for (std::uint64_t page = 0; page < bytes; page += std::uint64_t{1} << granule) {
    stage2_of(vmid).pin((at + page - m_params.ipa_to_pa) & base::low_mask(48), m_params.ipa_to_pa,
                        m_params.stage2_page_shift);
  }
  return (at - m_params.ipa_to_pa) & base::low_mask(48);
}

void table_builder::attach_processes(base::stream_id sid, const process_stream& stream) {
  const bool nested = m_params.mode == table_mode::nested;
  if (!nested && m_params.mode != table_mode::stage1) {
    refuse("a stream of processes needs stage 1");
  }
  if (stream.pasid_bits < 1 || stream.pasid_bits > 20) {
    refuse(fmt::format("a CD table of 2^{} CDs is not possible", stream.pasid_bits));
  }
  const std::uint64_t bytes = std::max<std::uint64_t>(64ull << stream.pasid_bits, 1ull << granule);
  const cd_table table{m_region.allocate(bytes), stream.pasid_bits};
  m_cd_tables[sid.value()] = table;
  ste s;
  s.valid = true;
  s.config = nested ? ste_config::nested : ste_config::stage1;
  if (nested) add_stage2(s, stream.vmid);
  s.vmid = stream.vmid;
  s.s1_context_ptr = guest_address(stream.vmid, table.at, bytes);
  s.s1_cd_max = narrow(stream.pasid_bits);
  s.eats = stream.eats;
  s.ppar = stream.ppar;
  write_ste(sid, encode(s));
}

void table_builder::bind(base::stream_id sid, base::substream_id pasid, domain_id id) {
  const auto it = m_cd_tables.find(sid.value());
  if (it == m_cd_tables.end()) {
    refuse(fmt::format("StreamID {:#x} has no CD table", sid.value()));
  }
  if (pasid.value() >> it->second.bits != 0) {
    refuse(fmt::format("PASID {:#x} is beyond the CD table of {} bits", pasid.value(),
                       it->second.bits));
  }
  const structure_words& words = at(id).words;
  m_region.memory().write(base::pa(it->second.at + pasid.value() * std::uint64_t{64}), words.data(),
                          sizeof words);
}

void table_builder::journal(domain_id id, std::vector<std::uint64_t>* slots) {
  const domain& d = at(id);
  if (d.tables != nullptr) d.tables->journal(slots);
}

const table_builder::domain& table_builder::at(domain_id id) const {
  if (id.value() >= m_domains.size()) {
    refuse(fmt::format("there is no domain {}", id.value()));
  }
  return m_domains[id.value()];
}

void table_builder::add_stage2(ste& s, base::vmid vmid) {
  const unsigned level = stage2_start_level(m_params.ipa_bits);
  s.vmid = vmid;
  s.s2_t0sz = narrow(64 - m_params.ipa_bits);
  s.s2_sl0 = narrow(2 - level);
  s.s2_tg = 0;
  s.s2_ps = narrow(address_size_code(m_params.output_bits));
  s.s2_aa64 = true;
  s.s2_r = true;
  s.s2_ttb = stage2_of(vmid).root();
}

void table_builder::attach(base::stream_id sid, domain_id id, std::uint8_t eats) {
  const domain& d = at(id);
  ste s;
  s.valid = true;
  s.eats = eats;
  s.vmid = d.params.vmid;
  s.s1_context_ptr = d.cd;
  switch (m_params.mode) {
    case table_mode::bypass:
      s.config = ste_config::bypass;
      break;
    case table_mode::stage1:
      s.config = ste_config::stage1;
      break;
    case table_mode::stage2:
      s.config = ste_config::stage2;
      add_stage2(s, d.params.vmid);
      break;
    case table_mode::nested:
      s.config = ste_config::nested;
      add_stage2(s, d.params.vmid);
      break;
  }
  write_ste(sid, encode(s));
}

void table_builder::attach_bypass(base::stream_id sid) {
  ste s;
  s.valid = true;
  s.config = ste_config::bypass;
  write_ste(sid, encode(s));
}

void table_builder::detach(base::stream_id sid) {
  write_ste(sid, {});
}

void table_builder::write_ste(base::stream_id sid, const structure_words& words) {
  const std::uint64_t index = sid.value();
  if (index >> m_params.stream_id_bits != 0) {
    refuse(fmt::format("StreamID {:#x} is beyond the stream table of {} bits", index,
                       m_params.stream_id_bits));
  }
  base::sparse_memory& memory = m_region.memory();
  if (!m_params.two_level_stream_table) {
    memory.write(base::pa(m_stream_table + (index << 6)), words.data(), sizeof words);
    return;
  }
  const base::pa l1(m_stream_table + (index >> split << 3));
  if (memory.read64(l1) == 0) {
    memory.write64(l1, m_region.allocate(std::uint64_t{64} << split) | (split + 1));  // Span
  }
  const base::pa array = decode_l1std(memory.read64(l1)).l2_ptr;
  memory.write(array + ((index & base::low_mask(split)) << 6), words.data(), sizeof words);
}

void table_builder::check_mapping(std::uint64_t input, std::uint64_t output, unsigned size_shift,
                                  unsigned input_bits, unsigned output_bits) const {
  if (!is_size(size_shift)) {
    refuse(fmt::format("cannot map {:#x}: 2^{} bytes are no page or block", input, size_shift));
  }
  if (((input | output) & base::low_mask(size_shift)) != 0) {
    refuse(fmt::format("cannot map {:#x} to {:#x}: not aligned to {}", input, output,
                       base::to_string(base::byte_size(std::uint64_t{1} << size_shift))));
  }
  if (input >> input_bits != 0) {
    refuse(fmt::format("cannot map {:#x}: beyond {} input bits", input, input_bits));
  }
  if (output >> output_bits != 0) {
    refuse(fmt::format("cannot map {:#x} to {:#x}: beyond {} output bits", input, output,
                       output_bits));
  }
}

table_change table_builder::map(domain_id id, base::iova input, std::uint64_t output,
                                unsigned size_shift, bool writable) {
  const domain& d = at(id);
  if (d.tables == nullptr) {
    return {};
  }
  check_mapping(input.value(), output, size_shift,
                m_params.mode == table_mode::stage2 ? m_params.ipa_bits : va_bits,
                m_params.mode == table_mode::nested ? m_params.ipa_bits : m_params.output_bits);
  if (m_params.mode == table_mode::nested) {
    check_pinned(d, base::ipa(output));
  }
  return d.tables->map(input.value(), output, size_shift, writable);
}

/// What stage 2 does not map by hand goes to IPA + ipa_to_pa, which must be a PA.
void table_builder::check_pinned(const domain& d, base::ipa output) const {
  const std::uint64_t pa = (output.value() + m_params.ipa_to_pa) & base::low_mask(48);
  if (pa >> m_params.output_bits != 0 && !lookup_stage2(d.params.vmid, output).has_value()) {
    refuse(fmt::format("cannot map to IPA {:#x}: its PA {:#x} is beyond {} bits", output.value(),
                       pa, m_params.output_bits));
  }
}

table_change table_builder::unmap(domain_id id, base::iova input, base::byte_size size,
                                  bool free_tables) {
  const domain& d = at(id);
  const unsigned bits = m_params.mode == table_mode::stage2 ? m_params.ipa_bits : va_bits;
  const std::uint64_t limit = std::uint64_t{1} << bits;
  if (d.tables == nullptr || size.value() == 0 || input.value() >= limit) {
    return {};
  }
  const std::uint64_t bytes = std::min(size.value(), limit - input.value());
  return d.tables->unmap(input.value(), input.value() + (bytes - 1), free_tables);
}

std::optional<leaf_mapping> table_builder::lookup(domain_id id, base::iova input) const {
  const domain& d = at(id);
  return d.tables == nullptr ? std::nullopt : d.tables->lookup(input.value());
}

void table_builder::map_stage2(base::vmid vmid, base::ipa input, base::pa output,
                               unsigned size_shift) {
  check_mapping(input.value(), output.value(), size_shift, m_params.ipa_bits, m_params.output_bits);
  page_tables& tables = stage2_of(vmid);
  if (tables.lookup(input.value()).has_value()) {
    refuse(fmt::format("cannot map IPA {:#x}: it is mapped already", input.value()));
  }
  tables.map(input.value(), output.value(), size_shift, true);
}

void table_builder::back_stage2(base::vmid vmid, base::ipa input) {
  stage2_of(vmid).pin(input.value(), m_params.ipa_to_pa, m_params.stage2_page_shift);
}

std::optional<leaf_mapping> table_builder::lookup_stage2(base::vmid vmid, base::ipa input) const {
  const auto it = m_stage2.find(vmid.value());
  return it == m_stage2.end() ? std::nullopt : it->second->lookup(input.value());
}

}  // namespace svasim::arch
