// Software that writes SMMUv3 structures: stream table, CDs, stage 1 and stage 2 tables, as real
// bytes in memory (Arm IHI 0070 section 5, DDI 0487 D8). Takes no time; who calls it decides what
// the stores cost. Layout follows Linux: 4 KiB granule, 48-bit VAs under TTB0, one CD per stream,
// TTB1 disabled, minimal stage 2 levels with concatenated root tables.
//
//   table_builder tables(memory, params);
//   tables.configure(regs);                                   // STRTAB_BASE, STRTAB_BASE_CFG
//   const domain_id d = tables.add_domain({asid, vmid});
//   tables.attach(base::stream_id(8), d);
//   tables.map(d, base::iova(0xfffff000), 0x8000'0000, 12, true);
//
// Nested: all stage 1 structures and all outputs of stage 1 are IPAs, PA = IPA + ipa_to_pa; stage 2
// maps an IPA the first time something uses it and keeps it (guest memory pinned).
//
// A stream of processes has a linear CD table instead, a domain for each PASID (attach_processes,
// bind); without a PASID it is terminated (S1DSS 0).
//
// Left out: 16K and 64K granules, TTB1, contiguous hints, two-level CD tables, unmapping at
// stage 2.
#pragma once

#include <tsl/robin_map.h>

#include <cstdint>
#include <memory>
#include <optional>
#include <vector>

#include "arch/page_tables.h"
#include "arch/registers.h"
#include "arch/ste.h"
#include "arch/table_region.h"
#include "base/address.h"
#include "base/ids.h"
#include "base/sparse_memory.h"
#include "base/strong.h"
#include "base/units.h"

namespace svasim::arch {

enum class table_mode : std::uint8_t { bypass, stage1, stage2, nested };

struct table_builder_params {
  base::pa region{0x4000'0000};  ///< where all structures go: reads as zero, multiple of 64 KiB
  base::byte_size region_size = base::gib(1);
  table_mode mode = table_mode::stage1;
  bool two_level_stream_table = true;  ///< SPLIT 8
  unsigned stream_id_bits = 16;        ///< 1..32, a linear table at most 20; at most IDR1.SIDSIZE
  unsigned output_bits = 48;           ///< IPS and S2PS: 32, 36, 40, 42, 44, 48
  unsigned ipa_bits = 48;              ///< input of stage 2, 32..output_bits
  unsigned stage2_page_shift = 12;     ///< nested: stage 2 maps with pages of 2^12, 2^21 or 2^30
  std::uint64_t ipa_to_pa = 0;  ///< nested: added to an IPA, modulo 2^48; multiple of that page
};

using domain_id = base::strong_id<struct domain_id_tag, std::uint32_t>;

struct domain_params {
  base::asid asid;
  base::vmid vmid;      ///< domains with the same VMID share the stage 2 tables
  bool stall = false;   ///< CD.S: translation faults stall
  bool shared = false;  ///< CD.ASET = 0: broadcasts by ASID concern its entries
};

/// A stream with a CD table.
struct process_stream {
  base::vmid vmid;
  unsigned pasid_bits = 8;  ///< CDs: 2^pasid_bits, 1..20
  std::uint8_t eats = 0;    ///< STE.EATS: 0 no ATS, 1 full
  bool ppar = false;        ///< PRG responses carry the PASID
};

class table_builder {
 public:
  /// Lays out the stream table. Throws base::input_error where params are out of range or the
  /// region is too small. `memory` must outlive the builder.
  table_builder(base::sparse_memory& memory, const table_builder_params& params);

  /// Set STRTAB_BASE and STRTAB_BASE_CFG.
  void configure(registers& regs) const;

  /// A new, empty address space: stage 1 tables and a CD (mode stage1, nested), or the stage 2
  /// tables of its VMID (mode stage2). In mode bypass it is only a name.
  domain_id add_domain(const domain_params& params);
  /// Write the STE of `sid`; `eats`: STE.EATS, 1 for full ATS. Throws base::input_error where `sid`
  /// is beyond the stream table.
  void attach(base::stream_id sid, domain_id domain, std::uint8_t eats = 0);
  void attach_bypass(base::stream_id sid);
  /// Clear the STE: transactions of the stream give C_BAD_STE.
  void detach(base::stream_id sid);

  /// Write the STE of `sid` with an empty CD table. Mode stage1 or nested, else base::input_error.
  void attach_processes(base::stream_id sid, const process_stream& stream);
  /// Write the CD of `domain` at `pasid` of the stream's table. Throws base::input_error where the
  /// stream has no table or the PASID is beyond it.
  void bind(base::stream_id sid, base::substream_id pasid, domain_id domain);

  /// The addresses (PA) of table entries that map() and unmap() store go to `slots`; null ends it.
  void journal(domain_id domain, std::vector<std::uint64_t>* slots);
  std::uint64_t entry_at(std::uint64_t slot) const {
    return m_region.memory().read64(base::pa(slot));
  }

  /// Map one page or block of 2^size_shift bytes (12, 21, 30). Both addresses must be aligned to
  /// it, the input below 2^48 (mode stage2: 2^ipa_bits), the output below 2^output_bits (nested:
  /// 2^ipa_bits), else base::input_error. A block takes the place of tables below it, which are
  /// freed; a page inside a block splits it. Mode bypass: does nothing.
  table_change map(domain_id domain, base::iova input, std::uint64_t output, unsigned size_shift,
                   bool writable);
  /// Unmap every leaf that touches [input, input + size); a block that sticks out is split first.
  /// Unmapped ranges are no error. `free_tables`: tables whose whole input range is unmapped are
  /// unlinked and freed.
  table_change unmap(domain_id domain, base::iova input, base::byte_size size, bool free_tables);
  /// The leaf for `input`, read from the tables of the domain; its output is an IPA in mode nested.
  std::optional<leaf_mapping> lookup(domain_id domain, base::iova input) const;

  /// Nested: map a page or block of stage 2 by hand, for what is not at IPA + ipa_to_pa (a
  /// doorbell), before something uses its IPA. Throws base::input_error where addresses are
  /// unaligned or out of range, or the IPA is mapped.
  void map_stage2(base::vmid vmid, base::ipa input, base::pa output, unsigned size_shift);
  /// Nested: map the page or block around `input` to itself + ipa_to_pa, unless it is mapped: what
  /// a hypervisor does when a guest touches memory that it does not have yet.
  void back_stage2(base::vmid vmid, base::ipa input);
  /// Nested, stage2: the leaf for `input` in the stage 2 tables of a VM.
  std::optional<leaf_mapping> lookup_stage2(base::vmid vmid, base::ipa input) const;

  /// Bytes taken from the region and not freed.
  base::byte_size used() const { return m_region.used(); }

 private:
  struct domain {
    domain_params params;
    page_tables* tables = nullptr;
    std::uint64_t cd = 0;     ///< as the STE has it
    structure_words words{};  ///< the CD
  };
  struct cd_table {
    std::uint64_t at = 0;  ///< PA
    unsigned bits = 0;
  };

  const domain& at(domain_id id) const;
  page_tables& stage2_of(base::vmid vmid);
  void write_cd(domain& d);
  void add_stage2(ste& s, base::vmid vmid);
  std::uint64_t guest_address(base::vmid vmid, std::uint64_t at, std::uint64_t bytes);
  void write_ste(base::stream_id sid, const structure_words& words);
  void check_mapping(std::uint64_t input, std::uint64_t output, unsigned size_shift,
                     unsigned input_bits, unsigned output_bits) const;
  void check_pinned(const domain& d, base::ipa output) const;

  table_builder_params m_params;
  table_region m_region;
  std::uint64_t m_stream_table = 0;
  std::vector<std::unique_ptr<page_tables>> m_tables;
  std::vector<domain> m_domains;
  tsl::robin_map<std::uint32_t, cd_table> m_cd_tables;   ///< by StreamID
  tsl::robin_map<std::uint16_t, page_tables*> m_stage2;  ///< by VMID
};

}  // namespace svasim::arch
