#include "arch/virtio_iommu.h"

#include <tuple>

#include "arch/virtio_wire.h"

namespace svasim::arch {
namespace {

template <class Io, class R>
void table_layout(Io& io, R& r) {
  io.field(r.domain);
  io.field(r.endpoint);
  io.field(r.format);
  if (r.format == viommu_format_lpae) {
    io.field(r.asid);
    io.field(r.tcr);
    io.field(r.ttbr);
    io.field(r.mair);
    io.reserved(28);
  } else if (r.format == viommu_format_pasid) {
    io.field(r.s1fmt);
    io.field(r.s1dss);
    io.field(r.s1contextptr);
    io.field(r.s1cdmax);
    io.reserved(48);
  } else {
    io.reserved(62);
  }
}

template <class Io, class R, class F>
void invalidate_layout(Io& io, R& r, F& flags) {
  io.field(r.inv_gran);
  io.field(r.inv_type);
  io.field(flags);
  io.reserved(2);
  io.field(r.domain);
  io.field(r.pasid);
  io.reserved(4);
  io.field(r.archid);
  io.field(r.virt_start);
  io.field(r.pages);
  io.field(r.granule);
  io.reserved(11);
}

template <class Io, class R>
void response_layout(Io& io, R& r) {
  io.field(r.domain);
  io.field(r.endpoint);
  io.field(r.flags);
  io.field(r.pasid);
  io.field(r.group);
  io.field(r.code);
  io.field(r.pasid_valid);
  io.reserved(9);
}

// What stands behind the head. False for a number that is no request.
template <class Io, class R, class F>
bool layout(Io& io, R& r, F& inv_flags) {
  switch (r.type) {
    case viommu_type::attach:
      io.field(r.domain);
      io.field(r.endpoint);
      io.field(r.flags);
      io.reserved(4);
      return true;
    case viommu_type::detach:
      io.field(r.domain);
      io.field(r.endpoint);
      io.reserved(8);
      return true;
    case viommu_type::map:
      io.field(r.domain);
      io.field(r.virt_start);
      io.field(r.virt_end);
      io.field(r.phys_start);
      io.field(r.flags);
      return true;
    case viommu_type::unmap:
      io.field(r.domain);
      io.field(r.virt_start);
      io.field(r.virt_end);
      io.reserved(4);
      return true;
    case viommu_type::probe:
      io.field(r.endpoint);
      io.reserved(64);
      return true;
    case viommu_type::attach_table:
      table_layout(io, r);
      return true;
    case viommu_type::invalidate:
      invalidate_layout(io, r, inv_flags);
      return true;
    case viommu_type::page_resp:
      response_layout(io, r);
      return true;
  }
  return false;
}

}  // namespace

std::string_view name(viommu_type t) {
  constexpr std::string_view names[] = {"reserved",     "ATTACH",     "DETACH",
                                        "MAP",          "UNMAP",      "PROBE",
                                        "ATTACH_TABLE", "INVALIDATE", "PAGE_RESP"};
  const auto n = static_cast<std::size_t>(t);
  return n < std::size(names) ? names[n] : names[0];
}

std::string_view name(viommu_status s) {
  constexpr std::string_view names[] = {"OK",    "IOERR", "UNSUPP", "DEVERR", "INVAL",
                                        "RANGE", "NOENT", "FAULT",  "NOMEM"};
  const auto n = static_cast<std::size_t>(s);
  return n < std::size(names) ? names[n] : "reserved";
}

bool operator==(const viommu_request& a, const viommu_request& b) {
  const auto fields = [](const viommu_request& r) {
    return std::tuple(r.type, r.domain, r.endpoint, r.flags, r.virt_start, r.virt_end, r.phys_start,
                      r.format, r.s1fmt, r.s1dss, r.s1contextptr, r.s1cdmax, r.asid, r.tcr, r.ttbr,
                      r.mair, r.inv_gran, r.inv_type, r.pasid, r.archid, r.pages, r.granule,
                      r.group, r.code, r.pasid_valid, r.reserved_set);
  };
  return fields(a) == fields(b);
}

viommu_request_bytes encode(const viommu_request& r) {
  viommu_request_bytes out;
  wire_writer io(out.bytes.data(), out.bytes.size());
  io.field(static_cast<std::uint8_t>(r.type));
  io.reserved(3);
  const auto inv_flags = static_cast<std::uint16_t>(r.flags);
  layout(io, r, inv_flags);
  out.size = static_cast<std::uint32_t>(io.size());
  return out;
}

std::uint32_t viommu_readable_size(viommu_type type, std::uint16_t format) {
  viommu_request r;
  r.type = type;
  r.format = format;
  const std::uint32_t size = encode(r).size;
  return size == 4 ? 0 : size;
}

std::uint32_t viommu_writable_size(viommu_type type, std::uint32_t probe_size) {
  return viommu_tail_size + (type == viommu_type::probe ? probe_size : 0);
}

viommu_decoded decode_viommu_request(const std::uint8_t* bytes, std::size_t size) {
  viommu_decoded out;
  viommu_request& r = out.request;
  wire_reader head(bytes, size);
  std::uint8_t type = 0;
  head.field(type);
  head.reserved(3);
  r.type = static_cast<viommu_type>(type);
  if (head.too_short()) {
    out.defect = viommu_defect::too_short;
    return out;
  }
  wire_reader io(bytes + head.size(), size - head.size());
  std::uint16_t inv_flags = 0;
  if (!layout(io, r, inv_flags)) {
    out.defect = viommu_defect::unknown_type;
  } else if (io.too_short()) {
    out.defect = viommu_defect::too_short;
  }
  if (r.type == viommu_type::invalidate) r.flags = inv_flags;
  r.reserved_set = io.reserved_set();
  return out;
}

}  // namespace svasim::arch
