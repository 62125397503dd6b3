#include "arch/descriptor.h"

namespace svasim::arch {

using base::bit;
using base::bits;

permission stage1_permission(std::uint64_t leaf, table_attributes tables,
                             stage1_controls controls) {
  const bool read_only = bit(leaf, 7) || tables.no_write;
  const bool xn = bit(leaf, 54) || tables.no_unpriv_execute;
  if (controls.one_privilege) {
    const bool execute = !xn && !(controls.wxn && !read_only);
    return {true, !read_only, execute, true, !read_only, execute};
  }
  const bool unprivileged = bit(leaf, 6) && !tables.no_unpriv;
  const bool unpriv_write = unprivileged && !read_only;
  // Execution does not need AP[1]: the permissions to read and to execute are apart (DDI 0487
  // D8.4).
  const bool unpriv_execute = !xn && !(controls.wxn && unpriv_write);
  // PAN takes privileged data accesses away from what unprivileged code may touch.
  const bool data = !(controls.pan && unprivileged);
  // What unprivileged code may write, privileged code may not execute.
  const bool priv_execute = !bit(leaf, 53) && !tables.no_priv_execute && !unpriv_write &&
                            !(controls.wxn && !read_only) && !(controls.uwxn && unpriv_write);
  return {unprivileged, unpriv_write, unpriv_execute, data, data && !read_only, priv_execute};
}

permission stage2_permission(std::uint64_t leaf, bool xnx) {
  const bool read = bit(leaf, 6);
  const bool write = bit(leaf, 7);
  // XN[1:0] with XNX: 0 all, 1 unprivileged only, 2 none, 3 privileged only.
  const auto xn = bits(leaf, 54, 53);
  const bool unpriv = xn < 2;
  const bool priv = xnx ? (xn == 0 || xn == 3) : xn < 2;
  return {read, write, read && unpriv, read, write, read && priv};
}

std::uint64_t encode_table(std::uint64_t next) {
  return (next & base::low_mask(48) & ~base::low_mask(12)) | 3;
}

namespace {
/// Valid, AF, inner shareable.
std::uint64_t leaf_bits(std::uint64_t output, unsigned level) {
  return (output & base::low_mask(48)) | (level == 3 ? 3u : 1u) | 1u << 10 | 3u << 8;
}
}  // namespace

std::uint64_t encode_stage1_leaf(std::uint64_t output, unsigned level, bool writable) {
  return leaf_bits(output, level) | 1u << 11 | 1u << 6 | (writable ? 0u : 1u << 7) |
         std::uint64_t{3} << 53;
}

std::uint64_t encode_stage2_leaf(std::uint64_t output, unsigned level, bool readable,
                                 bool writable) {
  // MemAttr 0b1111: normal write-back.
  return leaf_bits(output, level) | 0xfu << 2 | (readable ? 1u << 6 : 0u) |
         (writable ? 1u << 7 : 0u);
}

}  // namespace svasim::arch
