#include "arch/table_builder.h"

#include <rapidcheck.h>

#include <catch2/catch.hpp>
#include <map>

#include "base/error.h"
#include "base/rng.h"
#include "smmu_fixture.h"

using namespace svasim;
using namespace svasim::arch;
using test::smmu_fixture;

namespace {
constexpr std::uint64_t mib = std::uint64_t{1} << 20;
constexpr std::uint64_t gib = std::uint64_t{1} << 30;

table_builder_params with_mode(table_mode mode) {
  table_builder_params p = test::linear_stage1();
  p.mode = mode;
  return p;
}

template <class Call>
std::string error_of(Call call) {
  try {
    call();
  } catch (const base::input_error& e) {
    return e.problems().at(0).text();
  }
  return "no error";
}

/// 4 KiB pages: what a page table maps, page by page.
struct naive_model {
  struct page {
    std::uint64_t output;
    bool writable;
  };
  std::map<std::uint64_t, page> pages;

  void map(std::uint64_t input, std::uint64_t output, unsigned shift, bool writable) {
    for (std::uint64_t at = 0; at < std::uint64_t{1} << shift; at += 4096) {
      pages[input + at] = {output + at, writable};
    }
  }
  void unmap(std::uint64_t input, std::uint64_t size) {
    pages.erase(pages.lower_bound(input), pages.lower_bound(input + size));
  }
};

/// Random maps and unmaps around 16 MiB, then every page of the area through a walk.
bool agrees_with_model(table_builder_params params, std::uint64_t seed) {
  smmu_fixture f(params);
  base::rng rng(seed);
  const auto d = f.tables.add_domain({base::asid(1), base::vmid(2)});
  f.tables.attach(base::stream_id(3), d);
  naive_model model;
  const std::uint64_t start = 0x7f00'0000'0000 & ((std::uint64_t{1} << 39) - 1);
  const auto offset = [&](unsigned shift) { return rng.below(16 * mib) >> shift << shift; };
  for (int i = 0; i < 60; ++i) {
    if (rng.chance(2, 3)) {
      const unsigned shift = rng.chance(1, 4) ? 21 : 12;
      const std::uint64_t input = start + offset(shift);
      const std::uint64_t output = 8 * gib + offset(shift);
      const bool writable = rng.chance(1, 2);
      f.tables.map(d, base::iova(input), output, shift, writable);
      model.map(input, output, shift, writable);
    } else {
      const std::uint64_t input = start + offset(12);
      const std::uint64_t size = (1 + rng.below(rng.chance(1, 3) ? 2048 : 8)) * 4096;
      f.tables.unmap(d, base::iova(input), base::byte_size(size), rng.chance(1, 2));
      model.unmap(input, size);
    }
  }
  for (std::uint64_t at = start; at < start + 24 * mib; at += 4096) {
    const auto r = f.translate(3, at + 5, true);
    const auto l = f.tables.lookup(d, base::iova(at + 5));
    const auto m = model.pages.find(at);
    if (m == model.pages.end()) {
      if (l.has_value() || r.event.type != event_type::f_translation) {
        return false;
      }
      continue;
    }
    const std::uint64_t expected = m->second.output + 5;
    if (!l.has_value() || l->output + (at + 5 - l->input) != expected ||
        l->writable != m->second.writable) {
      return false;
    }
    if (m->second.writable
            ? r.output.value() !=
                  (params.mode == table_mode::nested ? expected + params.ipa_to_pa : expected)
            : r.event.type != event_type::f_permission) {
      return false;
    }
  }
  return true;
}
}  // namespace

TEST_CASE("random maps and unmaps at stage 1 agree with a page map, walked by the SMMU") {
  REQUIRE(rc::check("stage 1", [](std::uint64_t seed) {
    return agrees_with_model(with_mode(table_mode::stage1), seed);
  }));
}

TEST_CASE("random maps and unmaps at stage 2 agree with a page map, walked by the SMMU") {
  REQUIRE(rc::check("stage 2", [](std::uint64_t seed) {
    table_builder_params p = with_mode(table_mode::stage2);
    p.ipa_bits = 40;  // concatenated root tables
    return agrees_with_model(p, seed);
  }));
}

TEST_CASE("random maps and unmaps under stage 2 agree with a page map, walked by the SMMU") {
  REQUIRE(rc::check("nested", [](std::uint64_t seed) {
    table_builder_params p = with_mode(table_mode::nested);
    constexpr unsigned shifts[] = {12, 21, 30};
    p.stage2_page_shift = shifts[seed % 3];
    p.ipa_to_pa = gib;
    p.region = base::pa(2 * gib);
    return agrees_with_model(p, seed);
  }));
}

TEST_CASE("a bypassed stream passes, a detached one has a bad STE") {
  smmu_fixture f(with_mode(table_mode::bypass));
  const auto d = f.tables.add_domain({});
  f.tables.attach(base::stream_id(3), d);
  CHECK(f.translate(3, 0x1234).output.value() == 0x1234);
  CHECK(f.translate(3, 0x1234).entry.kind == translation_kind::bypass);
  f.tables.detach(base::stream_id(3));
  CHECK(f.translate(3, 0x1234).event.type == event_type::c_bad_ste);
  f.tables.attach_bypass(base::stream_id(3));
  CHECK(f.translate(3, 0x1234).outcome == outcome::ok);
  CHECK(f.tables.map(d, base::iova(0), 0, 12, true).pages == 0);
  CHECK_FALSE(f.tables.lookup(d, base::iova(0)).has_value());
}

TEST_CASE("a two-level stream table reads an L1STD for each stream and holds only those attached") {
  table_builder_params p;
  smmu_fixture f(p);
  const auto before = f.tables.used();
  f.tables.attach_bypass(base::stream_id(0x1234));
  CHECK(f.tables.used() - before == base::kib(16));
  f.tables.attach_bypass(base::stream_id(0x12ff));
  CHECK(f.tables.used() - before == base::kib(16));
  const auto r = f.translate(0x1234, 0x1000);
  CHECK(r.outcome == outcome::ok);
  CHECK(r.count(fetch_kind::l1std) == 1);
  CHECK(f.translate(0x1235, 0x1000).event.type == event_type::c_bad_ste);
  CHECK(f.translate(0x2234, 0x1000).event.type == event_type::c_bad_streamid);
}

TEST_CASE("a page in a block splits it, and the neighbours stay as they were") {
  smmu_fixture f(with_mode(table_mode::stage1));
  const auto d = f.tables.add_domain({base::asid(1), {}});
  f.tables.attach(base::stream_id(3), d);
  const auto block = f.tables.map(d, base::iova(gib), 4 * gib, 30, true);
  CHECK_FALSE(block.replaced);
  CHECK(block.pages == 1);
  const auto page = f.tables.map(d, base::iova(gib + 5 * mib), 9 * gib, 12, false);
  CHECK(page.replaced);
  CHECK_FALSE(page.table_freed);
  CHECK(f.translate(3, gib + 5 * mib).output.value() == 9 * gib);
  CHECK(f.translate(3, gib + 5 * mib + 4096).output.value() == 4 * gib + 5 * mib + 4096);
  CHECK(f.translate(3, gib + 5 * mib + 4096, true).outcome == outcome::ok);
  CHECK(f.translate(3, gib + 5 * mib, true).event.type == event_type::f_permission);
  CHECK(f.translate(3, gib + 7 * mib).entry.size_shift == 21);
}

TEST_CASE("a block over tables frees them and asks for a non-leaf invalidation") {
  smmu_fixture f(with_mode(table_mode::stage1));
  const auto d = f.tables.add_domain({base::asid(1), {}});
  f.tables.attach(base::stream_id(3), d);
  f.tables.map(d, base::iova(gib), 4 * gib, 12, true);
  const auto used = f.tables.used();
  const auto over_page = f.tables.map(d, base::iova(gib), 6 * gib, 21, true);
  CHECK(over_page.replaced);
  CHECK(over_page.table_freed);
  CHECK(f.translate(3, gib).output.value() == 6 * gib);
  CHECK(used - f.tables.used() == base::kib(4));

  // The same where the table is empty: no leaf was there, but a walk cache may know the table.
  f.tables.map(d, base::iova(gib + 2 * mib), 4 * gib, 12, true);
  f.tables.unmap(d, base::iova(gib + 2 * mib), base::kib(4), false);
  const auto over_empty = f.tables.map(d, base::iova(gib + 2 * mib), 8 * gib, 21, true);
  CHECK_FALSE(over_empty.replaced);
  CHECK(over_empty.table_freed);
}

TEST_CASE("mapping the same page again is a replacement only if it changes") {
  smmu_fixture f(with_mode(table_mode::stage1));
  const auto d = f.tables.add_domain({base::asid(1), {}});
  f.tables.map(d, base::iova(gib), 4 * gib, 12, true);
  CHECK_FALSE(f.tables.map(d, base::iova(gib), 4 * gib, 12, true).replaced);
  CHECK(f.tables.map(d, base::iova(gib), 4 * gib, 12, false).replaced);
}

TEST_CASE("unmap frees tables it covers whole, if told to, and reuses their pages") {
  smmu_fixture f(with_mode(table_mode::stage1));
  const auto d = f.tables.add_domain({base::asid(1), {}});
  const auto empty = f.tables.used();
  f.tables.map(d, base::iova(gib), 4 * gib, 12, true);
  const auto full = f.tables.used();
  CHECK(full - empty == base::kib(12));
  const auto page = f.tables.unmap(d, base::iova(gib), base::kib(4), true);
  CHECK(page.pages == 1);
  CHECK(page.replaced);
  CHECK_FALSE(page.table_freed);
  f.tables.map(d, base::iova(gib), 4 * gib, 12, true);
  CHECK_FALSE(f.tables.unmap(d, base::iova(gib), base::mib(2), false).table_freed);
  f.tables.map(d, base::iova(gib), 4 * gib, 12, true);
  const auto whole = f.tables.unmap(d, base::iova(gib), base::mib(2), true);
  CHECK(whole.table_freed);
  CHECK(whole.pages == 1);
  CHECK(full - f.tables.used() == base::kib(4));
  f.tables.map(d, base::iova(gib), 4 * gib, 12, true);
  CHECK(f.tables.used() == full);
  CHECK(f.tables.lookup(d, base::iova(gib))->output == 4 * gib);
  CHECK_FALSE(f.tables.lookup(d, base::iova(gib + 4096)).has_value());
}

TEST_CASE("unmapping what is not mapped, or beyond the address space, changes nothing") {
  smmu_fixture f(with_mode(table_mode::stage1));
  const auto d = f.tables.add_domain({base::asid(1), {}});
  f.tables.map(d, base::iova(gib), 4 * gib, 12, true);
  CHECK(f.tables.unmap(d, base::iova(2 * gib), base::gib(1), true).pages == 0);
  CHECK(f.tables.unmap(d, base::iova(std::uint64_t{1} << 60), base::gib(1), true).pages == 0);
  CHECK(f.tables.unmap(d, base::iova(gib), base::byte_size(0), true).pages == 0);
  CHECK(f.tables.unmap(d, base::iova(0), base::byte_size(~std::uint64_t{0}), true).pages == 1);
}

TEST_CASE("the doorbell address of an interrupt controller maps like any other page") {
  smmu_fixture f(with_mode(table_mode::stage1));
  const auto d = f.tables.add_domain({base::asid(1), {}});
  f.tables.attach(base::stream_id(3), d);
  f.tables.map(d, base::iova(0xffff'f000), 0x809'0000, 12, true);
  CHECK(f.translate(3, 0xffff'f040, true).output.value() == 0x809'0040);
}

TEST_CASE("a nested domain keeps its tables and CD at IPAs, and stage 2 moves them to their PAs") {
  table_builder_params p = with_mode(table_mode::nested);
  p.stage2_page_shift = 21;
  p.ipa_to_pa = 16 * gib;
  p.region = base::pa(17 * gib);
  smmu_fixture f(p);
  const auto d = f.tables.add_domain({base::asid(1), base::vmid(5)});
  f.tables.attach(base::stream_id(3), d);
  f.tables.map(d, base::iova(gib), 0x8000'0000, 12, true);
  const ste s = f.read_ste(3);
  CHECK(s.s1_context_ptr < 17 * gib);
  CHECK(s.s1_context_ptr >= gib);
  CHECK(f.read_cd(base::pa(s.s1_context_ptr + 16 * gib)).valid);
  const auto r = f.translate(3, gib + 8);
  CHECK(r.output.value() == 16 * gib + 0x8000'0008);
  CHECK(r.entry.ipa == 0x8000'0000);
  CHECK(r.entry.vmid == base::vmid(5));
  CHECK(f.tables.lookup_stage2(base::vmid(5), base::ipa(0x8000'0000))->size_shift == 21);
  CHECK_FALSE(f.tables.lookup_stage2(base::vmid(5), base::ipa(0x9000'0000)).has_value());
  CHECK_FALSE(f.tables.lookup_stage2(base::vmid(6), base::ipa(0x8000'0000)).has_value());
}

TEST_CASE(
    "a doorbell mapped by hand at stage 2 keeps its PA, the rest of its block is pinned around "
    "it") {
  table_builder_params p = with_mode(table_mode::nested);
  p.stage2_page_shift = 21;
  p.ipa_to_pa = 16 * gib;
  p.region = base::pa(17 * gib);
  smmu_fixture f(p);
  const auto d = f.tables.add_domain({base::asid(1), base::vmid(5)});
  f.tables.attach(base::stream_id(3), d);
  f.tables.map_stage2(base::vmid(5), base::ipa(0x809'0000), base::pa(0x809'0000), 12);
  f.tables.map(d, base::iova(0x1000), 0x809'0000, 12, true);
  f.tables.map(d, base::iova(0x2000), 0x809'1000, 12, true);
  CHECK(f.translate(3, 0x1040, true).output.value() == 0x809'0040);
  CHECK(f.translate(3, 0x2040, true).output.value() == 16 * gib + 0x809'1040);
  CHECK(error_of([&] {
          f.tables.map_stage2(base::vmid(5), base::ipa(0x809'0000), base::pa(0), 12);
        }) == "cannot map IPA 0x8090000: it is mapped already");
}

TEST_CASE("domains of one VM share its stage 2 tables, other VMs have their own") {
  smmu_fixture f(with_mode(table_mode::stage2));
  const auto a = f.tables.add_domain({{}, base::vmid(1)});
  const auto b = f.tables.add_domain({{}, base::vmid(1)});
  const auto c = f.tables.add_domain({{}, base::vmid(2)});
  f.tables.map(a, base::iova(gib), 4 * gib, 12, true);
  CHECK(f.tables.lookup(b, base::iova(gib)).has_value());
  CHECK_FALSE(f.tables.lookup(c, base::iova(gib)).has_value());
}

TEST_CASE("nothing outside the region is written") {
  base::sparse_memory memory;
  table_builder_params p = with_mode(table_mode::nested);
  p.stage2_page_shift = 21;
  p.ipa_to_pa = 0;
  p.region_size = base::mib(4);
  table_builder tables(memory, p);
  const auto d = tables.add_domain({base::asid(1), base::vmid(5)});
  tables.attach(base::stream_id(3), d);
  for (std::uint64_t i = 0; i < 64; ++i) {
    tables.map(d, base::iova(i * gib), i * mib * 2, 21, true);
  }
  std::size_t inside = 0;
  for (std::uint64_t at = 0; at < base::mib(4).value(); at += 4096) {
    for (std::uint64_t i = 0; i < 4096; i += 8) {
      if (memory.read64(p.region + at + i) != 0) {
        ++inside;
        break;
      }
    }
  }
  CHECK(inside > 60);
  CHECK(memory.pages_held() == inside);  // pages outside would be held as well
}

TEST_CASE("a full region is an error that says how much was used") {
  base::sparse_memory memory;
  table_builder_params p = with_mode(table_mode::stage1);
  p.region_size = base::kib(32);
  table_builder tables(memory, p);  // 16 KiB stream table
  const auto d = tables.add_domain({base::asid(1), {}});
  CHECK(error_of([&] { tables.map(d, base::iova(gib), gib, 12, true); }) ==
        "the table region is full: 4KiB more do not fit behind 32KiB");
}

TEST_CASE("bad parameters are named") {
  base::sparse_memory memory;
  const auto error = [&](auto change) {
    table_builder_params p = with_mode(table_mode::nested);
    change(p);
    return error_of([&] { table_builder tables(memory, p); });
  };
  using params = table_builder_params;
  CHECK(error([](params&) {}) == "no error");
  CHECK(error([](params& p) { p.stream_id_bits = 21; }) ==
        "stream table: 21 StreamID bits are not in 1..20");
  CHECK(error([](params& p) { p.two_level_stream_table = true, p.stream_id_bits = 33; }) ==
        "stream table: 33 StreamID bits are not in 1..32");
  CHECK(error([](params& p) { p.output_bits = 43; }) ==
        "tables: 43 output address bits are not one of 32, 36, 40, 42, 44, 48");
  CHECK(error([](params& p) { p.ipa_bits = 31; }) == "tables: 31 IPA bits are not in 32..48");
  CHECK(error([](params& p) { p.stage2_page_shift = 16; }) ==
        "tables: 2^16 bytes are no stage 2 page size");
  CHECK(error([](params& p) { p.ipa_to_pa = 0x800; }) ==
        "tables: IPA offset 0x800 is not a multiple of the stage 2 page below 2^48");
  CHECK(error([](params& p) { p.ipa_bits = 32, p.region = base::pa(gib * 8); }) ==
        "tables: the region is at IPA 0x200000000, beyond 32 bits");
  CHECK(error([](params& p) { p.region = base::pa(0x4000'1000); }) ==
        "table region at 0x40001000 is not aligned to 64 KiB");
  CHECK(error([](params& p) {
          p.mode = table_mode::stage1, p.region_size = base::gib(1u << 18);
        }) == "table region at 0x40000000 of 256TiB ends beyond 2^48");
}

TEST_CASE("bad mappings are named") {
  smmu_fixture f(with_mode(table_mode::stage1));
  const auto d = f.tables.add_domain({base::asid(1), {}});
  const auto error = [&](std::uint64_t input, std::uint64_t output, unsigned shift) {
    return error_of([&] { f.tables.map(d, base::iova(input), output, shift, true); });
  };
  CHECK(error(0, 0, 13) == "cannot map 0x0: 2^13 bytes are no page or block");
  CHECK(error(0x20'1000, 0x40'0000, 21) == "cannot map 0x201000 to 0x400000: not aligned to 2MiB");
  CHECK(error(std::uint64_t{1} << 48, 0, 12) == "cannot map 0x1000000000000: beyond 48 input bits");
  CHECK(error(0, std::uint64_t{1} << 48, 12) ==
        "cannot map 0x0 to 0x1000000000000: beyond 48 output bits");
  CHECK(error_of([&] { f.tables.map(domain_id(7), base::iova(0), 0, 12, true); }) ==
        "there is no domain 7");
  CHECK(error_of([&] { f.tables.attach(base::stream_id(0x100), d); }) ==
        "StreamID 0x100 is beyond the stream table of 8 bits");
}

TEST_CASE("a nested output whose PA is out of range is named") {
  table_builder_params p = with_mode(table_mode::nested);
  p.output_bits = 40;
  p.ipa_bits = 40;
  p.ipa_to_pa = std::uint64_t{1} << 39;
  p.region = base::pa(p.ipa_to_pa + gib);
  smmu_fixture f(p);
  const auto d = f.tables.add_domain({base::asid(1), base::vmid(1)});
  CHECK(error_of([&] { f.tables.map(d, base::iova(0), std::uint64_t{1} << 39, 12, true); }) ==
        "cannot map to IPA 0x8000000000: its PA 0x10000000000 is beyond 40 bits");
}
