#include "arch/event.h"

#include <tuple>

#include "base/bits.h"

namespace svasim::arch {

using base::bit;
using base::bits;
using base::place;

std::string_view name(event_type type) {
  switch (type) {
    case event_type::none:
      return "none";
    case event_type::f_uut:
      return "F_UUT";
    case event_type::c_bad_streamid:
      return "C_BAD_STREAMID";
    case event_type::f_ste_fetch:
      return "F_STE_FETCH";
    case event_type::c_bad_ste:
      return "C_BAD_STE";
    case event_type::f_bad_ats_treq:
      return "F_BAD_ATS_TREQ";
    case event_type::f_stream_disabled:
      return "F_STREAM_DISABLED";
    case event_type::f_transl_forbidden:
      return "F_TRANSL_FORBIDDEN";
    case event_type::c_bad_substreamid:
      return "C_BAD_SUBSTREAMID";
    case event_type::f_cd_fetch:
      return "F_CD_FETCH";
    case event_type::c_bad_cd:
      return "C_BAD_CD";
    case event_type::f_walk_eabt:
      return "F_WALK_EABT";
    case event_type::f_translation:
      return "F_TRANSLATION";
    case event_type::f_addr_size:
      return "F_ADDR_SIZE";
    case event_type::f_access:
      return "F_ACCESS";
    case event_type::f_permission:
      return "F_PERMISSION";
    case event_type::f_tlb_conflict:
      return "F_TLB_CONFLICT";
    case event_type::f_cfg_conflict:
      return "F_CFG_CONFLICT";
    case event_type::e_page_request:
      return "E_PAGE_REQUEST";
    case event_type::f_vms_fetch:
      return "F_VMS_FETCH";
  }
  return "unknown event";
}

bool operator==(const event& a, const event& b) {
  const auto fields = [](const event& e) {
    return std::tuple(e.type, e.sid, e.has_ssid, e.ssid, e.stall, e.stag, e.reason, e.gpcf,
                      e.privileged, e.instruction, e.read, e.stage2, e.cls, e.table_read,
                      e.input_address, e.ipa, e.fetch_address, e.span, e.page_access);
  };
  return fields(a) == fields(b);
}

namespace {
/// FetchAddr takes the place of the IPA in dw3.
bool has_fetch_address(event_type t) {
  return t == event_type::f_ste_fetch || t == event_type::f_cd_fetch ||
         t == event_type::f_walk_eabt || t == event_type::f_vms_fetch;
}

/// dw1[15:0] is Reason where the record is of no transaction that may stall.
bool has_reason(event_type t) {
  return t == event_type::f_uut || t == event_type::f_ste_fetch || t == event_type::f_cd_fetch ||
         t == event_type::f_vms_fetch || t == event_type::f_walk_eabt ||
         t == event_type::f_tlb_conflict || t == event_type::f_cfg_conflict;
}

/// A hint of pages that will be needed; it has no transaction (7.3.18).
event_words encode_page_request(const event& e) {
  event_words w{};
  w[1] = place(e.page_access, 39, 33) | place(e.span, 51, 44);
  w[2] = e.input_address & ~base::low_mask(12);
  return w;
}
}  // namespace

bool may_merge(const event& a, const event& b, bool mev) {
  const bool always = a.type >= event_type::f_uut && a.type <= event_type::c_bad_ste;
  if (a.stall || b.stall || a.type == event_type::e_page_request || !(always || mev)) {
    return false;
  }
  event same = b;
  if (is_configurable(a.type) && (a.input_address ^ b.input_address) >> 12 == 0) {
    same.input_address = a.input_address;
  }
  return a == same;
}

event_words encode(const event& e) {
  event_words w = e.type == event_type::e_page_request ? encode_page_request(e) : event_words{};
  w[0] = static_cast<std::uint64_t>(e.type) | place(e.has_ssid, 11, 11) |
         place(e.ssid.value(), 31, 12) | place(e.sid.value(), 63, 32);
  if (e.type == event_type::e_page_request) {
    return w;
  }
  w[1] = (has_reason(e.type) ? e.reason : e.stag) | place(e.gpcf, 16, 16) | place(e.stall, 31, 31) |
         place(e.privileged, 33, 33) | place(e.instruction, 34, 34) | place(e.read, 35, 35) |
         place(e.stage2, 39, 39) | place(static_cast<std::uint64_t>(e.cls), 41, 40) |
         place(e.table_read, 44, 44);
  w[2] = e.input_address;
  w[3] = has_fetch_address(e.type) ? e.fetch_address & base::low_mask(56) & ~base::low_mask(3)
                                   : e.ipa & base::low_mask(52) & ~base::low_mask(12);
  return w;
}

event decode_event(const event_words& w) {
  event e;
  e.type = static_cast<event_type>(bits(w[0], 7, 0));
  e.has_ssid = bit(w[0], 11);
  e.ssid = base::substream_id(static_cast<std::uint32_t>(bits(w[0], 31, 12)));
  e.sid = base::stream_id(static_cast<std::uint32_t>(bits(w[0], 63, 32)));
  if (e.type == event_type::e_page_request) {
    e.page_access = static_cast<std::uint8_t>(bits(w[1], 39, 33) & 0x77);
    e.span = static_cast<std::uint8_t>(bits(w[1], 51, 44));
    e.input_address = w[2] & ~base::low_mask(12);
    return e;
  }
  (has_reason(e.type) ? e.reason : e.stag) = static_cast<std::uint16_t>(bits(w[1], 15, 0));
  e.gpcf = has_fetch_address(e.type) && bit(w[1], 16);
  e.stall = bit(w[1], 31);
  e.privileged = bit(w[1], 33);
  e.instruction = bit(w[1], 34);
  e.read = bit(w[1], 35);
  e.stage2 = bit(w[1], 39);
  e.cls = static_cast<event_class>(bits(w[1], 41, 40));
  e.table_read = bit(w[1], 44);
  e.input_address = w[2];
  if (has_fetch_address(e.type)) {
    e.fetch_address = w[3] & base::low_mask(56) & ~base::low_mask(3);
  } else {
    e.ipa = w[3] & base::low_mask(52) & ~base::low_mask(12);
  }
  return e;
}

}  // namespace svasim::arch
