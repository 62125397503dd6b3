// Which CD a transaction gets: the SubstreamID rules of IHI 0070 5.2 and 7.3.9, and CD tables.
#include <catch2/catch.hpp>
#include <optional>

#include "smmu_fixture.h"

using namespace svasim;
using namespace svasim::arch;
using test::smmu_fixture;

namespace {
constexpr std::uint64_t iova = 0x1'0000'0000;
constexpr std::uint64_t cd_table = 0x2'0000'0000;

/// A stage 1 stream whose CD n (of 2^cd_max) maps `iova` to page n + 1.
struct substreams {
  explicit substreams(unsigned cd_max, s1dss dss, unsigned format = 0) : f(test::linear_stage1()) {
    f.registers.idr0 |= 1u << 19;  // CD2L
    f.registers.idr1 |= 20u << 6;  // SSIDSIZE
    const auto first = f.tables.add_domain({base::asid(0), base::vmid(0)});
    f.tables.attach(base::stream_id(3), first);
    s = f.read_ste(3);
    s.s1_cd_max = static_cast<std::uint8_t>(cd_max);
    s.dss = dss;
    s.s1_format = static_cast<std::uint8_t>(format);
    s.s1_context_ptr = cd_table;
    f.write_ste(3, s);
  }
  /// Put the CD of `ssid` at `at`.
  void add(std::uint32_t ssid, std::uint64_t at) {
    const auto d =
        f.tables.add_domain({base::asid(static_cast<std::uint16_t>(ssid)), base::vmid(0)});
    f.tables.map(d, base::iova(iova), (ssid + 1) * std::uint64_t{4096}, 12, true);
    f.tables.attach(base::stream_id(9), d);
    f.write_cd(base::pa(at), f.read_cd(base::pa(f.read_ste(9).s1_context_ptr)));
  }
  translation_result access(std::optional<std::uint32_t> ssid) const {
    auto request = smmu_fixture::access(3, iova);
    request.has_ssid = ssid.has_value();
    request.ssid = base::substream_id(ssid.value_or(0));
    return f.translate(request);
  }

  smmu_fixture f;
  ste s;
};
}  // namespace

TEST_CASE("a linear CD table is indexed by SubstreamID up to S1CDMax") {
  substreams s(3, s1dss::terminate);
  s.add(5, cd_table + 64 * 5);
  s.add(7, cd_table + 64 * 7);
  CHECK(s.access(5).output.value() == 6 * 4096);
  CHECK(s.access(7).output.value() == 8 * 4096);
  CHECK(s.access(7).entry.asid == base::asid(7));
  const auto beyond = s.access(8);
  CHECK(beyond.event.type == event_type::c_bad_substreamid);
  CHECK(beyond.event.has_ssid);
  CHECK(beyond.event.ssid == base::substream_id(8));
  CHECK(s.access(6).event.type == event_type::c_bad_cd);
}

TEST_CASE("two-level CD tables with 64 and 1024 CDs a leaf are indexed by the split SubstreamID") {
  for (const unsigned format : {1u, 2u}) {
    const unsigned leaf_bits = format == 1 ? 6 : 10;
    const std::uint32_t ssid = (3u << leaf_bits) + 17;
    substreams s(13, s1dss::terminate, format);
    s.f.memory.write64(base::pa(cd_table + 8 * 3), 0x3'0000'0000 | 1);
    s.add(ssid, 0x3'0000'0000 + 64 * 17);
    const auto r = s.access(ssid);
    CHECK(r.output.value() == (ssid + 1) * std::uint64_t{4096});
    CHECK(r.count(fetch_kind::l1cd) == 1);
    CHECK(r.count(fetch_kind::cd) == 1);
    CHECK(s.access(1u << leaf_bits).event.type == event_type::c_bad_substreamid);
  }
}

TEST_CASE("a level 1 CD descriptor beyond the output address size is a bad SubstreamID") {
  substreams s(13, s1dss::terminate, 1);
  s.f.memory.write64(base::pa(cd_table), std::uint64_t{1} << 50 | 1);
  CHECK(s.access(0).event.type == event_type::c_bad_substreamid);
}

TEST_CASE("without SubstreamID, S1DSS decides where there is a CD table") {
  substreams terminate(3, s1dss::terminate);
  CHECK(terminate.access({}).event.type == event_type::f_stream_disabled);

  substreams bypass(3, s1dss::bypass);
  const auto r = bypass.access({});
  CHECK(r.outcome == outcome::ok);
  CHECK(r.output.value() == iova);
  CHECK(r.entry.kind == translation_kind::bypass);

  substreams zero(3, s1dss::substream0);
  zero.add(0, cd_table);
  CHECK(zero.access({}).output.value() == 4096);
}

TEST_CASE("SubstreamID 0 is refused where traffic without one owns CD 0, and only there") {
  substreams zero(3, s1dss::substream0);
  zero.add(0, cd_table);
  CHECK(zero.access(0).event.type == event_type::f_stream_disabled);
  substreams other(3, s1dss::bypass);
  other.add(0, cd_table);
  CHECK(other.access(0).output.value() == 4096);
}

TEST_CASE("a SubstreamID needs a CD table and stage 1") {
  substreams single(0, s1dss::terminate);
  single.add(0, cd_table);
  CHECK(single.access({}).outcome == outcome::ok);
  CHECK(single.access(0).event.type == event_type::c_bad_substreamid);

  substreams bypassed(0, s1dss::terminate);
  bypassed.s.config = ste_config::bypass;
  bypassed.f.write_ste(3, bypassed.s);
  CHECK(bypassed.access({}).entry.kind == translation_kind::bypass);
  CHECK(bypassed.access(1).event.type == event_type::c_bad_substreamid);
}

TEST_CASE("S1DSS = 1 on a nested stream leaves stage 2 alone") {
  table_builder_params p = test::linear_nested();
  smmu_fixture f(p);
  f.registers.idr1 |= 20u << 6;
  const auto d = f.tables.add_domain({base::asid(1), base::vmid(2)});
  f.tables.attach(base::stream_id(3), d);
  f.tables.map(d, base::iova(iova), 0x5000, 12, true);
  ste s = f.read_ste(3);
  s.s1_cd_max = 3;
  s.dss = s1dss::bypass;
  f.write_ste(3, s);
  const auto r = f.translate(3, 0x5678);
  CHECK(r.outcome == outcome::ok);
  CHECK(r.output.value() == 0x5678);
  CHECK(r.entry.kind == translation_kind::s2);
  CHECK(r.count(fetch_kind::cd) == 0);
  CHECK(r.count(fetch_kind::s2_descriptor) == 4);
}
