// Page requests and their answers (Arm IHI 0070 section 8; PCIe 10.4): the entries of the PRI
// queue, 16 bytes, little-endian, and the responses that the SMMU gives by itself. Bit positions of
// the entry are those Linux uses.
//
// Left out: Secure streams, which cannot make page requests here.
#pragma once

#include <array>
#include <cstdint>
#include <optional>

#include "arch/command.h"
#include "base/ids.h"

namespace svasim::arch {

/// One page request of a device, as it stands in the queue.
struct page_request {
  base::stream_id sid;
  bool has_ssid = false;
  base::substream_id ssid;  ///< zero without one
  bool privileged = false;
  bool execute = false;
  bool read = false;
  bool write = false;
  bool last = false;            ///< of its group
  std::uint16_t prg_index = 0;  ///< 9 bits
  std::uint64_t address = 0;    ///< of a 4 KiB page

  /// Tells that no more requests with this PASID come; is never answered.
  bool is_stop_marker() const { return has_ssid && last && !read && !write; }
  friend bool operator==(const page_request& a, const page_request& b);
};

using pri_words = std::array<std::uint64_t, 2>;
pri_words encode(const page_request& r);
/// Any bits are accepted; reserved ones are dropped.
page_request decode_page_request(const pri_words& words);

/// Response codes of a PRG Response message.
enum class prg_code : std::uint8_t { success = 0, invalid_request = 1, failure = 15 };

/// The message that answers a group of page requests.
struct prg_response {
  base::stream_id sid;
  bool has_ssid = false;
  base::substream_id ssid;
  std::uint16_t prg_index = 0;
  prg_code code = prg_code::success;

  friend bool operator==(const prg_response& a, const prg_response& b);
};
/// What a legal CMD_PRI_RESP sends.
prg_response response_of(const command& pri_resp);

/// What the STE of a stream says on the PASID of automatic responses.
enum class response_pasid : std::uint8_t {
  unknown,  ///< the STE cannot be read, or is not valid
  without,  ///< PPAR = 0
  with,     ///< PPAR = 1
};

/// Does the response to a request lost by overflow depend on STE.PPAR? Only then must it be read.
bool needs_ppar(const page_request& r, const idr& caps);
/// The response to a request that is lost as the queue is full, or its overflow not acknowledged:
/// Success to the last of a group, else none. `ppar` counts where needs_ppar().
std::optional<prg_response> overflow_response(const page_request& r, const idr& caps,
                                              response_pasid ppar);
/// The response to a request that finds the queue disabled or in error: failure, whatever Last
/// says, and without PASID.
std::optional<prg_response> refusal(const page_request& r);

}  // namespace svasim::arch
