// A memory with tables made by a table_builder, and an SMMU without caches over it.
#pragma once

#include <cstdint>

#include "arch/cd.h"
#include "arch/registers.h"
#include "arch/ste.h"
#include "arch/table_builder.h"
#include "arch/translate.h"
#include "base/sparse_memory.h"

namespace svasim::test {

constexpr std::uint32_t enabled = 0xd;  // SMMUEN, EVENTQEN, CMDQEN

struct smmu_fixture {
  explicit smmu_fixture(const arch::table_builder_params& params) : tables(memory, params) {
    tables.configure(registers);
    registers.cr0 = enabled;
    registers.cr2 = 2;  // RECINVSID
  }

  auto reader() const {
    return [this](const arch::fetch_request& f, std::uint64_t* words) {
      memory.read(f.address, words, f.size);
      return true;
    };
  }
  arch::translation_result translate(const arch::access_request& request) const {
    return arch::translate(arch::register_view(registers), reader(), request);
  }
  arch::translation_result translate(std::uint32_t sid, std::uint64_t address,
                                     bool write = false) const {
    return translate(access(sid, address, write));
  }
  static arch::access_request access(std::uint32_t sid, std::uint64_t address, bool write = false) {
    arch::access_request request;
    request.sid = base::stream_id(sid);
    request.address = address;
    request.write = write;
    return request;
  }

  /// Where the STE of `sid` lies in a linear stream table.
  base::pa ste_at(std::uint32_t sid) const {
    return arch::register_view(registers).table_base + 64 * std::uint64_t{sid};
  }
  arch::ste read_ste(std::uint32_t sid) const {
    arch::structure_words words;
    memory.read(ste_at(sid), words.data(), sizeof words);
    return arch::decode_ste(words);
  }
  void write_ste(std::uint32_t sid, const arch::ste& s) {
    const auto words = arch::encode(s);
    memory.write(ste_at(sid), words.data(), sizeof words);
  }
  arch::cd read_cd(base::pa at) const {
    arch::structure_words words;
    memory.read(at, words.data(), sizeof words);
    return arch::decode_cd(words);
  }
  void write_cd(base::pa at, const arch::cd& c) {
    const auto words = arch::encode(c);
    memory.write(at, words.data(), sizeof words);
  }

  base::sparse_memory memory;
  arch::table_builder tables;
  arch::registers registers;
};

inline arch::table_builder_params linear_stage1() {
  arch::table_builder_params p;
  p.two_level_stream_table = false;
  p.stream_id_bits = 8;
  return p;
}

inline arch::table_builder_params linear_nested() {
  arch::table_builder_params p = linear_stage1();
  p.mode = arch::table_mode::nested;
  return p;
}

}  // namespace svasim::test
