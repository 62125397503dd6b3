// Event records of the SMMUv3 event queue (Arm IHI 0070 section 7.3): 32 bytes, little-endian.
//
// Left out: the span and the permissions of F_BAD_ATS_TREQ, NSIPA, implementation-defined events
// beyond their number.
#pragma once

#include <array>
#include <cstdint>
#include <string_view>

#include "base/ids.h"

namespace svasim::arch {

enum class event_type : std::uint8_t {
  none = 0,
  f_uut = 0x01,
  c_bad_streamid = 0x02,
  f_ste_fetch = 0x03,
  c_bad_ste = 0x04,
  f_bad_ats_treq = 0x05,
  f_stream_disabled = 0x06,
  f_transl_forbidden = 0x07,
  c_bad_substreamid = 0x08,
  f_cd_fetch = 0x09,
  c_bad_cd = 0x0a,
  f_walk_eabt = 0x0b,
  f_translation = 0x10,
  f_addr_size = 0x11,
  f_access = 0x12,
  f_permission = 0x13,
  f_tlb_conflict = 0x20,
  f_cfg_conflict = 0x21,
  e_page_request = 0x24,
  f_vms_fetch = 0x25,
};

/// "F_TRANSLATION"; "unknown event" for a number the architecture does not define.
std::string_view name(event_type type);

/// CLASS: what the SMMU was doing when the fault came up.
enum class event_class : std::uint8_t {
  cd = 0,     ///< fetching a CD
  table = 1,  ///< fetching a translation table descriptor (TT)
  input = 2,  ///< translating the input address itself (IN)
};

/// One record. A field that the type does not have is zero.
struct event {
  event_type type = event_type::none;
  base::stream_id sid;
  bool has_ssid = false;
  base::substream_id ssid;
  bool stall = false;
  std::uint16_t stag = 0;    ///< with `stall`
  std::uint16_t reason = 0;  ///< Reason of fetch aborts and conflicts, in the place of STAG
  bool gpcf = false;         ///< fetch aborts: the granule protection check failed
  bool privileged = false;   ///< PnU
  bool instruction = false;  ///< InD
  bool read = false;         ///< RnW
  bool stage2 = false;       ///< S2
  event_class cls = event_class::cd;
  bool table_read = false;  ///< TTRnW, F_PERMISSION with CLASS=TT
  std::uint8_t span = 0;    ///< E_PAGE_REQUEST: hinted pages of 4 KiB
  /// E_PAGE_REQUEST: what is wanted, bit 0 uX, 1 uW, 2 uR, 4 pX, 5 pW, 6 pR.
  std::uint8_t page_access = 0;
  std::uint64_t input_address = 0;
  std::uint64_t ipa = 0;            ///< 4 KiB page of the IPA, stage 2 faults
  std::uint64_t fetch_address = 0;  ///< F_STE_FETCH, F_CD_FETCH, F_WALK_EABT; multiple of 8

  friend bool operator==(const event& a, const event& b);
};

/// True for the four faults a CD or STE can silence or stall (section 5.5).
constexpr bool is_configurable(event_type t) {
  return t >= event_type::f_translation && t <= event_type::f_permission;
}

/// May the queue hold one record for `a` and `b` (section 7.3.1)? Equal records that do not stall,
/// with STE.MEV or of the types that may always merge; of a fault record the page counts, not the
/// address. That they are close in time is up to the caller.
bool may_merge(const event& a, const event& b, bool mev);

using event_words = std::array<std::uint64_t, 4>;
event_words encode(const event& e);
/// Any bits are accepted; undefined ones are dropped.
event decode_event(const event_words& words);

}  // namespace svasim::arch
