// What a stream's STE and CD say about a transaction, in the form a configuration cache holds: all
// that the walk and the fault handling need, decoded once (Arm IHI 0070 sections 5.2, 5.4, 3.17).
#pragma once

#include <cstdint>

#include "arch/cd.h"
#include "arch/descriptor.h"
#include "arch/event.h"
#include "arch/registers.h"
#include "arch/ste.h"
#include "base/bits.h"
#include "base/ids.h"

namespace svasim::arch {

/// What happens to the transactions of a (StreamID, SubstreamID).
enum class config_action : std::uint8_t {
  error,      ///< terminated with the event `decoded_config::error`
  terminate,  ///< STE.Config = 0b0xx: terminated without event
  bypass,     ///< no stage: STE.Config = 0b100, or stage 1 only with S1DSS = 1
  translate,  ///< one stage or both, see `s1_on`, `s2_on`
};

/// One TTB of stage 1, ready to walk.
struct stage1_half {
  std::uint64_t table = 0;  ///< aligned; IPA if stage 2 is on
  std::uint8_t granule_shift = 12;
  std::int8_t start_level = 0;    ///< -1..3
  std::uint8_t input_bits = 48;   ///< VA size, 64 - TxSZ
  std::uint8_t output_bits = 48;  ///< CD.IPS, at most OAS, and at most 48 unless `wide`
  bool wide = false;              ///< descriptors hold 52-bit addresses
  bool walks_disabled = false;    ///< EPDx
  bool hierarchical = true;       ///< table attributes count (no HADx)
  bool ignore_top_byte = false;   ///< TBIx
};

/// Key of a configuration cache entry: also whether there is a SubstreamID, as S1DSS tells the two
/// apart.
struct config_key {
  base::stream_id sid;
  bool has_ssid = false;
  base::substream_id ssid;  ///< zero without one

  friend bool operator==(const config_key& a, const config_key& b) {
    return a.sid == b.sid && a.has_ssid == b.has_ssid && a.ssid == b.ssid;
  }
};

/// Trivially copyable, so that a cache stores it by value.
struct decoded_config {
  config_action action = config_action::error;
  event_type error = event_type::none;
  bool s1_on = false;  ///< stage 1 translates this transaction (false with S1DSS = 1)
  bool s2_on = false;
  bool stage2_implemented = false;  ///< IDR0.S2P: translations carry the VMID tag
  stream_world world = stream_world::ns_el1;
  std::uint8_t eats = 0;  ///< 0 where no stage is on
  base::vmid vmid;
  base::asid asid;
  bool aset = false;

  stage1_half half[2];
  bool s1_affd = false, s1_ha = false, s1_hd = false;
  stage1_controls s1_controls{};
  bool s1_abort = true, s1_record = true, s1_stall = false;  ///< CD.A, R, S

  stage2_geometry s2{};
  std::uint64_t s2_table = 0;
  bool s2_affd = false, s2_ha = false, s2_hd = false, s2_xnx = false;
  bool s2_record = true, s2_stall = false;  ///< STE.S2R, S2S
  bool mev = false;                         ///< STE.MEV
  std::uint8_t privcfg : 2, instcfg : 2;    ///< STE.PRIVCFG, INSTCFG; 0 and 1: as it comes

  decoded_config() : privcfg(0), instcfg(0) {}

  /// The address as TLB entries and commands spell it: with TBI the top byte repeats bit 55. An
  /// address whose upper bits are not canonical comes back as it is, and so hits no entry.
  std::uint64_t lookup_address(std::uint64_t address) const {
    const bool upper = base::bit(address, 55);
    if (!s1_on || !half[upper].ignore_top_byte) {
      return address;
    }
    return upper ? address | ~base::low_mask(56) : address & base::low_mask(56);
  }
};

/// Fill the stage 2 and stream-wide part from a legal STE.
void apply_ste(decoded_config& config, const ste& s, const register_view& regs);
/// Fill the stage 1 part from a legal CD.
void apply_cd(decoded_config& config, const cd& c, const idr& caps);

}  // namespace svasim::arch
