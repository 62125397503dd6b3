#include "arch/ats_message.h"

#include <algorithm>

#include "base/bits.h"

namespace svasim::arch {

ats_message invalidate_request(const command& c, std::uint8_t itag) {
  ats_message m;
  m.code = ats_message_code::invalidate_request;
  m.sid = c.sid;
  m.has_ssid = c.has_ssid;
  m.ssid = c.has_ssid ? c.ssid : base::substream_id{};
  m.itag = itag;
  m.global = c.global;
  m.size_shift = static_cast<std::uint8_t>(std::min(64u, 12u + c.size));
  m.address = c.address & ~base::low_mask(m.size_shift);
  return m;
}

ats_message completion_of(const ats_message& request) {
  ats_message m;
  m.code = ats_message_code::invalidate_completion;
  m.sid = request.sid;
  m.itags = 1u << (request.itag & 31);
  return m;
}

ats_message message_of(const page_request& r) {
  ats_message m;
  m.code = ats_message_code::page_request;
  m.sid = r.sid;
  m.has_ssid = r.has_ssid;
  m.ssid = r.ssid;
  m.request = r;
  return m;
}

ats_message message_of(const prg_response& r) {
  ats_message m;
  m.code = ats_message_code::prg_response;
  m.sid = r.sid;
  m.has_ssid = r.has_ssid;
  m.ssid = r.ssid;
  m.response = r;
  return m;
}

}  // namespace svasim::arch
