#include "arch/pri.h"

#include <tuple>

#include "base/bits.h"

namespace svasim::arch {

using base::bit;
using base::bits;
using base::place;

bool operator==(const page_request& a, const page_request& b) {
  const auto fields = [](const page_request& r) {
    return std::tuple(r.sid, r.has_ssid, r.ssid, r.privileged, r.execute, r.read, r.write, r.last,
                      r.prg_index, r.address);
  };
  return fields(a) == fields(b);
}

pri_words encode(const page_request& r) {
  pri_words w{};
  w[0] = r.sid.value() | place(r.ssid.value(), 51, 32) | place(r.privileged, 58, 58) |
         place(r.execute, 59, 59) | place(r.read, 60, 60) | place(r.write, 61, 61) |
         place(r.last, 62, 62) | place(r.has_ssid, 63, 63);
  w[1] = place(r.prg_index, 8, 0) | (r.address & ~base::low_mask(12));
  return w;
}

page_request decode_page_request(const pri_words& w) {
  page_request r;
  r.sid = base::stream_id(static_cast<std::uint32_t>(bits(w[0], 31, 0)));
  r.ssid = base::substream_id(static_cast<std::uint32_t>(bits(w[0], 51, 32)));
  r.privileged = bit(w[0], 58);
  r.execute = bit(w[0], 59);
  r.read = bit(w[0], 60);
  r.write = bit(w[0], 61);
  r.last = bit(w[0], 62);
  r.has_ssid = bit(w[0], 63);
  r.prg_index = static_cast<std::uint16_t>(bits(w[1], 8, 0));
  r.address = w[1] & ~base::low_mask(12);
  return r;
}

bool operator==(const prg_response& a, const prg_response& b) {
  const auto fields = [](const prg_response& r) {
    return std::tuple(r.sid, r.has_ssid, r.ssid, r.prg_index, r.code);
  };
  return fields(a) == fields(b);
}

prg_response response_of(const command& c) {
  constexpr prg_code codes[] = {prg_code::failure, prg_code::invalid_request, prg_code::success,
                                prg_code::failure};
  return {c.sid, c.has_ssid, c.ssid, c.prg_index, codes[c.response & 3]};
}

namespace {
prg_response answer(const page_request& r, prg_code code, bool with_pasid) {
  return {r.sid, with_pasid, with_pasid ? r.ssid : base::substream_id{}, r.prg_index, code};
}
}  // namespace

bool needs_ppar(const page_request& r, const idr& caps) {
  return r.last && !r.is_stop_marker() && r.has_ssid && !caps.pps;
}

std::optional<prg_response> overflow_response(const page_request& r, const idr& caps,
                                              response_pasid ppar) {
  if (!r.last || r.is_stop_marker()) return std::nullopt;
  if (!needs_ppar(r, caps)) return answer(r, prg_code::success, r.has_ssid);
  if (ppar == response_pasid::unknown) return answer(r, prg_code::failure, false);
  return answer(r, prg_code::success, ppar == response_pasid::with);
}

std::optional<prg_response> refusal(const page_request& r) {
  if (r.is_stop_marker()) return std::nullopt;
  return answer(r, prg_code::failure, false);
}

}  // namespace svasim::arch
