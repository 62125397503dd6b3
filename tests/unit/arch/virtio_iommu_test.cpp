// The bytes of virtio-iommu requests, event records and properties.
#include "arch/virtio_iommu.h"

#include <rapidcheck.h>

#include <catch2/catch.hpp>
#include <string>
#include <vector>

#include "arch/virtio_iommu_fault.h"
#include "arch/virtio_iommu_probe.h"

using namespace svasim::arch;

namespace {

std::string hex(const std::uint8_t* bytes, std::size_t n) {
  std::string out;
  for (std::size_t i = 0; i < n; ++i) {
    out += "0123456789abcdef"[bytes[i] >> 4];
    out += "0123456789abcdef"[bytes[i] & 15];
    if (i % 4 == 3 && i + 1 != n) out += ' ';
  }
  return out;
}
std::string hex(const viommu_request& r) {
  const viommu_request_bytes b = encode(r);
  return hex(b.bytes.data(), b.size);
}
std::string zeros(unsigned words) {
  std::string out;
  while (words-- != 0) out += " 00000000";
  return out;
}
viommu_request request(viommu_type type) {
  viommu_request r;
  r.type = type;
  return r;
}
constexpr viommu_fault_layout layouts[] = {
    viommu_fault_layout::standard, viommu_fault_layout::rfc_s_v1, viommu_fault_layout::reviewed};

}  // namespace

TEST_CASE("requests have the sizes of virtio 1.2 and of the RFCs") {
  using t = viommu_type;
  CHECK(viommu_readable_size(t::attach) == 20);
  CHECK(viommu_readable_size(t::detach) == 20);
  CHECK(viommu_readable_size(t::map) == 36);
  CHECK(viommu_readable_size(t::unmap) == 28);
  CHECK(viommu_readable_size(t::probe) == 72);
  CHECK(viommu_readable_size(t::attach_table) == 76);
  CHECK(viommu_readable_size(t::attach_table, viommu_format_pasid) == 76);
  CHECK(viommu_readable_size(t::attach_table, viommu_format_lpae) == 68);
  CHECK(viommu_readable_size(t::invalidate) == 60);
  CHECK(viommu_readable_size(t::page_resp) == 36);
  CHECK(viommu_readable_size(t{0}) == 0);
  CHECK(viommu_readable_size(t{9}) == 0);
  CHECK(viommu_writable_size(t::map, 512) == 4);
  CHECK(viommu_writable_size(t::probe, 512) == 516);
}

TEST_CASE("the fields of ATTACH, DETACH, MAP and UNMAP sit where virtio puts them") {
  viommu_request r = request(viommu_type::attach);
  r.domain = 0x11223344;
  r.endpoint = 0x55667788;
  r.flags = viommu_attach_bypass;
  CHECK(hex(r) == "01000000 44332211 88776655 01000000 00000000");
  r.type = viommu_type::detach;
  CHECK(hex(r) == "02000000 44332211 88776655 00000000 00000000");
  r = request(viommu_type::map);
  r.domain = 1;
  r.virt_start = 0x1122334455667000;
  r.virt_end = 0x1122334455667fff;
  r.phys_start = 0x8877665544332000;
  r.flags = viommu_map_read | viommu_map_mmio;
  CHECK(hex(r) ==
        "03000000 01000000 00706655 44332211 ff7f6655 44332211 00203344 55667788 05000000");
  r.type = viommu_type::unmap;
  CHECK(hex(r) == "04000000 01000000 00706655 44332211 ff7f6655 44332211 00000000");
}

TEST_CASE("a PROBE names its endpoint, 64 zeros behind it") {
  viommu_request r = request(viommu_type::probe);
  r.endpoint = 0x18;
  CHECK(hex(r) == "05000000 18000000" + zeros(16));
}

TEST_CASE("ATTACH_TABLE has a form for each format") {
  viommu_request r = request(viommu_type::attach_table);
  r.domain = 1;
  r.endpoint = 8;
  r.format = 0x1234;
  CHECK(hex(r) == "06000000 01000000 08000000 34120000" + zeros(15));
  r.format = viommu_format_pasid;
  r.s1fmt = 1;
  r.s1dss = 2;
  r.s1contextptr = 0x1122334455667788;
  r.s1cdmax = 16;
  CHECK(hex(r) == "06000000 01000000 08000000 02000102 88776655 44332211 10000000" + zeros(12));
  r = request(viommu_type::attach_table);
  r.format = viommu_format_lpae;
  r.asid = 0x99aa;
  r.tcr = 0x10;
  r.ttbr = 0x20;
  r.mair = 0x30;
  CHECK(
      hex(r) ==
      "06000000 00000000 00000000 0100aa99 10000000 00000000 20000000 00000000 30000000 00000000" +
          zeros(7));
}

TEST_CASE("the fields of INVALIDATE and PAGE_RESP sit where RFC-N and RFC-S put them") {
  viommu_request r = request(viommu_type::invalidate);
  r.inv_gran = viommu_inv_va;
  r.inv_type = viommu_inv_iotlb | viommu_inv_dev_iotlb;
  r.flags = viommu_inv_pasid_valid | viommu_inv_archid_valid | viommu_inv_leaf;
  r.domain = 1;
  r.pasid = 0x12345;
  r.archid = 0x77;
  r.virt_start = 0x1122334455667000;
  r.pages = 3;
  r.granule = 12;
  CHECK(hex(r) ==
        "07000000 04000300 07000000 01000000 45230100 00000000 77000000 00000000 00706655 44332211 "
        "03000000 00000000 0c000000 00000000 00000000");
  r = request(viommu_type::page_resp);
  r.domain = 1;
  r.endpoint = 8;
  r.flags = viommu_resp_pasid_valid;
  r.pasid = 5;
  r.group = 0x1ff;
  r.code = static_cast<std::uint16_t>(viommu_page_code::failure);
  r.pasid_valid = 1;
  CHECK(hex(r) ==
        "08000000 01000000 08000000 01000000 05000000 ff010000 02000100 00000000 00000000");
}

TEST_CASE("any bytes decode, and a request without defect encodes to the same fields") {
  REQUIRE(rc::check("request round trip", [] {
    auto bytes = *rc::gen::container<std::vector<std::uint8_t>>(rc::gen::arbitrary<std::uint8_t>());
    bytes.resize(*rc::gen::inRange<std::size_t>(0, 90));
    if (!bytes.empty()) bytes[0] %= 10;
    if (bytes.size() > 13) bytes[12] %= 3, bytes[13] = 0;
    const viommu_decoded d = decode_viommu_request(bytes.data(), bytes.size());
    if (d.defect != viommu_defect::none) return true;
    viommu_request expected = d.request;
    expected.reserved_set = false;
    const viommu_request_bytes again = encode(d.request);
    const viommu_decoded back = decode_viommu_request(again.bytes.data(), again.size);
    return back.defect == viommu_defect::none && back.request == expected &&
           again.size == viommu_readable_size(d.request.type, d.request.format);
  }));
}

TEST_CASE("a request one byte short of its type is too short, and one of no type is unknown") {
  for (std::uint8_t type = 1; type <= 8; ++type) {
    for (std::uint16_t format = 0; format < 3; ++format) {
      viommu_request r = request(static_cast<viommu_type>(type));
      r.format = format;
      const viommu_request_bytes b = encode(r);
      const auto defect_of = [&](std::size_t n) {
        return decode_viommu_request(b.bytes.data(), n).defect;
      };
      CHECK(defect_of(b.size) == viommu_defect::none);
      CHECK(defect_of(b.size - 1) == viommu_defect::too_short);
      CHECK(defect_of(3) == viommu_defect::too_short);
      CHECK(defect_of(0) == viommu_defect::too_short);
    }
  }
  const std::uint8_t none[36] = {}, beyond[36] = {9};
  CHECK(decode_viommu_request(none, 36).defect == viommu_defect::unknown_type);
  CHECK(decode_viommu_request(beyond, 36).defect == viommu_defect::unknown_type);
}

TEST_CASE("a reserved byte that is not zero is told") {
  viommu_request_bytes b = encode(request(viommu_type::attach));
  CHECK_FALSE(decode_viommu_request(b.bytes.data(), b.size).request.reserved_set);
  b.bytes[19] = 1;
  CHECK(decode_viommu_request(b.bytes.data(), b.size).request.reserved_set);
}

TEST_CASE("requests and statuses have their names") {
  CHECK(name(viommu_type::attach_table) == "ATTACH_TABLE");
  CHECK(name(viommu_type::page_resp) == "PAGE_RESP");
  CHECK(name(viommu_type{9}) == "reserved");
  CHECK(name(viommu_status::nomem) == "NOMEM");
  CHECK(name(viommu_status{9}) == "reserved");
}

TEST_CASE("a fault record has 24 bytes, or 48 in the layouts that carry page requests") {
  viommu_fault f;
  f.reason = viommu_fault_reason::mapping;
  f.page_request = f.write = f.last = f.has_address = f.has_pasid = f.has_group = true;
  f.endpoint = 8;
  f.pasid = 0x12345;
  f.group = 0x1ff;
  f.address = 0x1122334455667000;
  const auto bytes = [&](viommu_fault_layout layout) {
    const viommu_fault_bytes b = encode(f, layout);
    CHECK(b.size == viommu_fault_size(layout));
    return hex(b.bytes.data(), b.size);
  };
  CHECK(bytes(viommu_fault_layout::standard) ==
        "02000000 02010000 08000000 00000000 00706655 44332211");
  CHECK(
      bytes(viommu_fault_layout::rfc_s_v1) ==
      "02000000 02000000 02010000 03000000 08000000 45230100 ff010000 00000000 00706655 44332211" +
          zeros(2));
  CHECK(bytes(viommu_fault_layout::reviewed) ==
        "02000000 32070000 08000000 45230100 00706655 44332211 ff010000 00000000" + zeros(4));
}

TEST_CASE("a standard record loses that a fault is a page request, and of which process") {
  viommu_fault f;
  f.page_request = f.has_pasid = f.read = true;
  f.pasid = 5;
  f.group = 7;
  viommu_fault expected;
  expected.read = true;
  CHECK(viommu_fault_carried(f, viommu_fault_layout::standard) == expected);
  CHECK(viommu_fault_carried(f, viommu_fault_layout::rfc_s_v1) == f);
}

TEST_CASE("any bytes decode to a fault record that encodes to the same fields, or to none") {
  REQUIRE(rc::check("fault round trip", [] {
    const auto layout = layouts[*rc::gen::inRange(0, 3)];
    std::vector<std::uint8_t> bytes(*rc::gen::inRange<std::size_t>(0, 50));
    for (auto& b : bytes) b = *rc::gen::arbitrary<std::uint8_t>();
    if (!bytes.empty()) bytes[0] %= 4;
    if (bytes.size() > 5) bytes[4] %= 4, bytes[5] = 0;
    const auto f = decode_viommu_fault(bytes.data(), bytes.size(), layout);
    if (!f) return true;
    return bytes.size() >= viommu_fault_size(layout) && viommu_fault_carried(*f, layout) == *f;
  }));
}

TEST_CASE("a fault record that is short, or of a reason or type that means nothing, is none") {
  for (const viommu_fault_layout layout : layouts) {
    viommu_fault_bytes b = encode(viommu_fault(), layout);
    CHECK(decode_viommu_fault(b.bytes.data(), b.size, layout));
    CHECK_FALSE(decode_viommu_fault(b.bytes.data(), b.size - 1, layout));
    b.bytes[0] = 3;
    CHECK_FALSE(decode_viommu_fault(b.bytes.data(), b.size, layout));
  }
  viommu_fault_bytes b = encode(viommu_fault(), viommu_fault_layout::rfc_s_v1);
  b.bytes[4] = 0;
  CHECK_FALSE(decode_viommu_fault(b.bytes.data(), b.size, viommu_fault_layout::rfc_s_v1));
}

namespace {
std::vector<viommu_probe_property> every_property() {
  std::vector<viommu_probe_property> list(7);
  for (std::size_t i = 0; i < list.size(); ++i) {
    list[i].type = static_cast<viommu_property>(i + 1);
  }
  list[0].subtype = viommu_resv_msi;
  list[0].start = 0x8000000;
  list[0].end = 0x80fffff;
  list[1].mask = 0xfffffffffffff000;
  list[2].end = 0xffffffffffff;
  list[3].bits = 48;
  list[4].bits = 20;
  list[5].format = viommu_format_lpae;
  list[6].format = viommu_format_pasid;
  list[6].asid_bits = 16;
  list[6].flags = 1;
  return list;
}
}  // namespace

TEST_CASE("the MSI window stands in a PROBE answer as virtio has it") {
  const auto bytes = encode({every_property()[0]}, 28);
  REQUIRE(bytes);
  CHECK(hex(bytes->data(), 28) == "01001400 01000000 00000008 00000000 ffff0f08 00000000 00000000");
}

TEST_CASE("all properties come back, and do not fit into a byte less than they need") {
  const std::vector<viommu_probe_property> list = every_property();
  const std::uint32_t size = 24 + 16 + 24 + 8 + 8 + 16 + 16;
  const auto bytes = encode(list, size);
  REQUIRE(bytes);
  const auto back = decode_viommu_properties(bytes->data(), bytes->size());
  REQUIRE(back);
  CHECK(*back == list);
  CHECK_FALSE(encode(list, size - 1));
}

TEST_CASE("a property that ends behind the buffer, or before its own fields, makes none of them") {
  auto bytes = *encode(every_property(), 512);
  bytes[24 + 2] = 11;  // the page size mask has 12
  CHECK_FALSE(decode_viommu_properties(bytes.data(), bytes.size()));
  bytes = *encode(every_property(), 512);
  CHECK_FALSE(decode_viommu_properties(bytes.data(), 27 + 4));
  bytes[0] = 0xff;  // not known: passed over
  CHECK(decode_viommu_properties(bytes.data(), bytes.size())->size() == 6);
}

TEST_CASE("any bytes as properties end well") {
  REQUIRE(rc::check("properties", [](const std::vector<std::uint8_t>& bytes) {
    const auto list = decode_viommu_properties(bytes.data(), bytes.size());
    return !list || list->size() <= bytes.size() / 4;
  }));
}
