// The PCIe messages of ATS and PRI between a device and the SMMU (PCIe 10.3, 10.4; Arm IHI 0070
// 3.9, 4.5, 8): what they say, without the header bits a link adds. They are posted; the StreamID
// stands for the function that is asked or asks.
//
// Left out: several translations in one invalidation, traffic classes beyond the number of
// completions they ask for.
#pragma once

#include <cstdint>

#include "arch/pri.h"

namespace svasim::arch {

/// Message codes.
enum class ats_message_code : std::uint8_t {
  invalidate_request = 0x01,
  invalidate_completion = 0x02,
  page_request = 0x04,
  prg_response = 0x05,
};

/// One message. A field that the code does not have is zero.
struct ats_message {
  ats_message_code code = ats_message_code::invalidate_request;
  base::stream_id sid;
  bool has_ssid = false;
  base::substream_id ssid;
  std::uint8_t itag = 0;        ///< invalidate request: 0..31
  bool global = false;          ///< invalidate request: global entries too
  std::uint8_t size_shift = 0;  ///< invalidate request: log2 of the bytes, 12..64
  std::uint64_t address = 0;    ///< invalidate request: aligned to them
  std::uint32_t itags = 0;      ///< invalidate completion: a bit for each ITag it completes
  std::uint8_t count = 1;       ///< invalidate completion: how many each ITag gets, 1..8
  page_request request;         ///< page request
  prg_response response;        ///< PRG response

  /// Has `address` of a stream with this PASID to be forgotten (invalidate request)?
  bool covers(std::uint64_t iova) const {
    return size_shift >= 64 || (iova ^ address) >> size_shift == 0;
  }
};

/// What a legal CMD_ATC_INV asks of the device; the address is aligned down to the size (4.5.1).
ats_message invalidate_request(const command& atc_inv, std::uint8_t itag);
/// The device's answer to `request`, with one completion.
ats_message completion_of(const ats_message& request);
ats_message message_of(const page_request& r);
ats_message message_of(const prg_response& r);

}  // namespace svasim::arch
