// One stream, 0, whose STE, CD and descriptors a test writes word by word: linear stream table at
// 0x1000, CD at 0x2000, stage 1 root at 0x10'0000, stage 2 root at 0x20'0000, all granules, HTTU,
// ATS and 52-bit addresses there to be used. As made here: stage 1, 4K, 48 bits, TTB1 disabled.
#pragma once

#include <cstdint>
#include <functional>
#include <vector>

#include "arch/ats.h"
#include "arch/cd.h"
#include "arch/ste.h"
#include "arch/translate.h"
#include "base/sparse_memory.h"

namespace svasim::test {

struct raw_smmu {
  static constexpr std::uint64_t s1_root = 0x10'0000, s2_root = 0x20'0000;
  base::sparse_memory memory;
  arch::registers registers;
  arch::ste ste;
  arch::cd cd;
  std::vector<std::uint64_t> reads, updates;            ///< addresses, of the last translation
  std::function<void(std::uint64_t at)> before_update;  ///< what another agent does meanwhile

  raw_smmu() {
    // S1P, S2P, VMSAv8-64, HTTU 2, ATS, ASID16, VMID16, CD2L, ATSRECERR, two-level stream tables;
    // stalls and RAZ/WI can be chosen.
    registers.idr0 =
        0x0b | 2u << 6 | 1u << 10 | 1u << 12 | 1u << 18 | 1u << 19 | 1u << 23 | 1u << 27;
    registers.idr1 = 16 | 20u << 6;
    registers.idr5 = 6 | 7u << 4 | 1u << 7 | 1u << 10;  // OAS 52, granules, DS, VAX
    registers.cr0 = 0x5 | 1u << 4;                      // SMMUEN, EVENTQEN, ATSCHK
    registers.cr2 = 2;                                  // RECINVSID
    registers.strtab_base = 0x1000;
    registers.strtab_base_cfg = 1;
    ste.valid = true;
    ste.config = arch::ste_config::stage1;
    ste.s1_context_ptr = 0x2000;
    ste.s2_aa64 = true;
    ste.s2_ps = 6;
    ste.s2_t0sz = 24;
    ste.s2_sl0 = 1;
    ste.s2_ttb = s2_root;
    ste.s2_r = true;
    cd.valid = cd.aa64 = cd.a = cd.r = true;
    cd.ips = 6;
    cd.half[0] = {16, 12, false, false, false, s1_root};
    cd.half[1] = {16, 12, true, false, false, 0};
  }

  void put(std::uint64_t at, std::uint64_t word) { memory.write64(base::pa(at), word); }
  std::uint64_t get(std::uint64_t at) const { return memory.read64(base::pa(at)); }
  /// Stage 2 maps the 40-bit IPAs below 2 GiB to themselves, with two 1 GiB blocks.
  void identity_stage2() {
    ste.config = arch::ste_config::nested;
    put(s2_root, 0x7c1);
    put(s2_root + 8, 0x4000'0000 | 0x7c1);
  }

  auto reader() {
    return [this](const arch::fetch_request& f, std::uint64_t* words) {
      reads.push_back(f.address.value());
      memory.read(f.address, words, f.size);
      return true;
    };
  }
  auto updater() {
    return [this](const arch::fetch_request& f, const arch::descriptor_update& u,
                  std::uint64_t& found) {
      const std::uint64_t at = f.address.value();
      updates.push_back(at);
      if (before_update) {
        before_update(at);
      }
      found = get(at);
      if (found == u.expected) {
        put(at, u.desired);
      }
      return true;
    };
  }
  arch::register_view store() {
    const auto s = arch::encode(ste);
    memory.write(base::pa(0x1000), s.data(), sizeof s);
    const auto c = arch::encode(cd);
    memory.write(base::pa(0x2000), c.data(), sizeof c);
    reads.clear();
    updates.clear();
    return arch::register_view(registers);
  }
  arch::translation_result translate(const arch::access_request& request) {
    const arch::register_view regs = store();
    return arch::translate(regs, reader(), updater(), request);
  }
  arch::translation_result translate(std::uint64_t address, bool write = false) {
    arch::access_request request;
    request.address = address;
    request.write = write;
    return translate(request);
  }
  arch::ats_completion ats(std::uint64_t address, bool no_write, bool execute = false) {
    const arch::register_view regs = store();
    arch::access_request request;
    request.address = address;
    request.write = !no_write;
    request.instruction = execute;
    return arch::ats_translate(regs, reader(), updater(), request);
  }
};

}  // namespace svasim::test
