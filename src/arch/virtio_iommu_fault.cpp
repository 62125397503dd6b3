#include "arch/virtio_iommu_fault.h"

#include <tuple>

#include "arch/virtio_wire.h"
#include "base/bits.h"

namespace svasim::arch {
namespace {

// One bit of a flags word, either way.
struct flag_writer {
  std::uint32_t word = 0;
  void bit(unsigned n, bool v) { word |= std::uint32_t{v} << n; }
};
struct flag_reader {
  std::uint32_t word = 0;
  void bit(unsigned n, bool& v) const { v = base::bit(word, n); }
};

// The flags of the standard record are those that the others share.
template <class Flags, class F>
void common_flags(Flags& flags, F& f) {
  flags.bit(0, f.read);
  flags.bit(1, f.write);
  flags.bit(2, f.execute);
  flags.bit(8, f.has_address);
}

template <class Flags, class F>
void request_flags_v1(Flags& flags, F& f) {
  flags.bit(0, f.has_pasid);
  flags.bit(1, f.last);
  flags.bit(2, f.has_private);
  flags.bit(3, f.needs_pasid);
}

template <class Flags, class F>
void reviewed_flags(Flags& flags, F& f) {
  common_flags(flags, f);
  flags.bit(3, f.privileged);
  flags.bit(4, f.last);
  flags.bit(5, f.page_request);
  flags.bit(9, f.has_pasid);
  flags.bit(10, f.has_group);
  flags.bit(11, f.has_private);
}

// The fields of all three; a layout's own arguments are those it uses.
template <class Io, class F, class U8, class U16, class U32>
void fields(Io& io, F& f, viommu_fault_layout layout, U8& reason, U16& type, U32& flags,
            U32& request_flags, U16& group) {
  io.field(reason);
  io.reserved(3);
  switch (layout) {
    case viommu_fault_layout::standard:
      io.field(flags);
      io.field(f.endpoint);
      io.reserved(4);
      io.field(f.address);
      return;
    case viommu_fault_layout::rfc_s_v1:
      io.field(type);
      io.reserved(2);
      io.field(flags);
      io.field(request_flags);
      io.field(f.endpoint);
      io.field(f.pasid);
      io.field(f.group);
      io.reserved(4);
      io.field(f.address);
      io.reserved(8);
      return;
    case viommu_fault_layout::reviewed:
      io.field(flags);
      io.field(f.endpoint);
      io.field(f.pasid);
      io.field(f.address);
      io.field(group);
      io.reserved(6);
      io.field(f.private_data[0]);
      io.field(f.private_data[1]);
      return;
  }
}

constexpr std::uint16_t unrecoverable = 1, page_request = 2;

}  // namespace

bool operator==(const viommu_fault& a, const viommu_fault& b) {
  const auto all = [](const viommu_fault& f) {
    return std::tuple(f.reason, f.page_request, f.read, f.write, f.execute, f.privileged, f.last,
                      f.has_address, f.has_pasid, f.has_group, f.has_private, f.needs_pasid,
                      f.endpoint, f.pasid, f.group, f.address, f.private_data);
  };
  return all(a) == all(b);
}

viommu_fault_bytes encode(const viommu_fault& f, viommu_fault_layout layout) {
  flag_writer flags, request_flags;
  if (layout == viommu_fault_layout::reviewed) {
    reviewed_flags(flags, f);
  } else {
    common_flags(flags, f);
    request_flags_v1(request_flags, f);
  }
  viommu_fault_bytes out;
  wire_writer io(out.bytes.data(), out.bytes.size());
  const auto reason = static_cast<std::uint8_t>(f.reason);
  const std::uint16_t type = f.page_request ? page_request : unrecoverable;
  const auto group = static_cast<std::uint16_t>(f.group);
  fields(io, f, layout, reason, type, flags.word, request_flags.word, group);
  out.size = static_cast<std::uint32_t>(io.size());
  return out;
}

std::optional<viommu_fault> decode_viommu_fault(const std::uint8_t* bytes, std::size_t size,
                                                viommu_fault_layout layout) {
  viommu_fault f;
  flag_reader flags, request_flags;
  std::uint8_t reason = 0;
  std::uint16_t type = unrecoverable, group = 0;
  wire_reader io(bytes, size);
  fields(io, f, layout, reason, type, flags.word, request_flags.word, group);
  if (io.too_short() || reason > 2) return std::nullopt;
  if (type != unrecoverable && type != page_request) return std::nullopt;
  f.reason = static_cast<viommu_fault_reason>(reason);
  if (layout == viommu_fault_layout::reviewed) {
    reviewed_flags(flags, f);
    f.group = group;
    return f;
  }
  common_flags(flags, f);
  if (layout == viommu_fault_layout::rfc_s_v1) {
    request_flags_v1(request_flags, f);
    f.page_request = type == page_request;
  }
  return f;
}

viommu_fault viommu_fault_carried(const viommu_fault& f, viommu_fault_layout layout) {
  const viommu_fault_bytes b = encode(f, layout);
  return *decode_viommu_fault(b.bytes.data(), b.size, layout);
}

}  // namespace svasim::arch
