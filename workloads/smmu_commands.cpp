#include "workloads/smmu_commands.h"

#include <algorithm>

#include "base/bits.h"

namespace svasim::workloads::smmu_commands {

using base::bits;
using base::place;

words of_stream(opcode op, base::stream_id sid) {
  return {op | place(sid.value(), 63, 32), 0};
}

words of_stream_range(base::stream_id first, unsigned range) {
  return {cfgi_ste_range | place(first.value(), 63, 32), place(range, 4, 0)};
}

words of_tag(opcode op, base::vmid vmid, base::asid asid) {
  return {op | place(vmid.value(), 47, 32) | place(asid.value(), 63, 48), 0};
}

std::optional<words> of_range(opcode op, const range_operands& r) {
  words w{op | place(r.vmid, 47, 32) | place(r.asid, 63, 48),
          place(r.leaf ? 1 : 0, 0, 0) | place(r.address >> 12, 63, 12)};
  if (r.pages == 0 || (r.granule == 0 && r.pages != 1)) return std::nullopt;
  if (r.granule == 0 || (r.pages == 1 && r.ttl == 0)) return w;
  // The lowest set bit as SCALE, as Linux' arm_smmu_tlb_inv_range does it.
  const auto scale = std::min<unsigned>(31, static_cast<unsigned>(__builtin_ctzll(r.pages)));
  const std::uint64_t number = r.pages >> scale;
  if (number > 32) return std::nullopt;
  w[0] |= place(number - 1, 16, 12) | place(scale, 24, 20);
  w[1] |= place(r.ttl, 9, 8) | place(r.granule, 11, 10);
  return w;
}

std::optional<address_range> named_range(const words& w) {
  const auto op = bits(w[0], 7, 0);
  if (op != tlbi_nh_va && op != tlbi_nh_vaa && op != tlbi_s2_ipa) return std::nullopt;
  const std::uint64_t first = bits(w[1], 63, 12) << 12;
  const auto tg = static_cast<unsigned>(bits(w[1], 11, 10));
  const std::uint64_t pages = tg == 0 ? 1 : (bits(w[0], 16, 12) + 1) << bits(w[0], 24, 20);
  const std::uint64_t bytes = pages << (tg == 0 ? 12 : granule_shift(tg));
  const std::uint64_t last = first + (bytes - 1);
  return address_range{first, last < first ? ~std::uint64_t{0} : last, pages};
}

}  // namespace svasim::workloads::smmu_commands
