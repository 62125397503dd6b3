// A finished translation in the form a TLB holds, what a walk hands back, and the check of a TLB
// hit (Arm IHI 0070 sections 3.17, 7.3).
#pragma once

#include <array>
#include <cstdint>

#include "arch/config.h"
#include "arch/descriptor.h"
#include "arch/event.h"
#include "base/address.h"
#include "base/ids.h"

namespace svasim::arch {

/// What a device sends (section 3.9): an ordinary transaction, an ATS Translation Request, or one
/// with an address that ATS has given.
enum class transaction_kind : std::uint8_t { untranslated, translation_request, translated };

/// One transaction at the SMMU's input.
struct access_request {
  base::stream_id sid;
  bool has_ssid = false;
  base::substream_id ssid;
  std::uint64_t address = 0;  ///< all 64 bits, as on the bus
  bool write = false;         ///< of a Translation Request: NW = 0
  bool privileged = false;    ///< only with a SubstreamID (13.7)
  bool instruction = false;   ///< likewise; of a Translation Request: execute permission is asked
  transaction_kind kind = transaction_kind::untranslated;

  config_key key() const { return {sid, has_ssid, has_ssid ? ssid : base::substream_id{}}; }
};

enum class translation_kind : std::uint8_t { s1, s2, nested, bypass, disabled };
/// "s1", "s2", "nested", "bypass", "disabled".
const char* name(translation_kind kind);

/// What one stage contributed.
struct stage_leaf {
  std::uint8_t level = 0;
  /// log2 of the bytes of the page, block or contiguous run; 0 where the stage is off.
  std::uint8_t size_shift = 0;
  permission allowed = full_permission;  ///< no writes where `writable_clean`
  bool writable_clean = false;  ///< a write makes the descriptor dirty first (HTTU), by a walk
};

/// A translation of 2^size_shift bytes. Tags: VMID always, ASID unless `global`; a stage 2
/// translation (kind s2) has no ASID. The stages' permissions stay apart, so that a hit faults at
/// the right one.
struct translation {
  translation_kind kind = translation_kind::bypass;
  stream_world world = stream_world::ns_el1;
  bool global = false;          ///< nG = 0: matches every ASID
  std::uint8_t size_shift = 0;  ///< the smaller of the two stages
  base::vmid vmid;
  base::asid asid;
  std::uint64_t input = 0;  ///< base of the range: VA (lookup form), or IPA where stage 1 is off
  std::uint64_t ipa = 0;    ///< what `input` is after stage 1
  base::pa output;          ///< what `input` is in the end
  stage_leaf s1, s2;
  std::uint8_t privcfg = 0;  ///< STE.PRIVCFG of the stream it was found for: no tag, but a hit that
  std::uint8_t instcfg = 0;  ///< knows no configuration needs it; STE.INSTCFG likewise
  bool aset = false;         ///< CD.ASET: the ASID is not one of the CPUs

  bool contains(std::uint64_t lookup_address) const {
    return (lookup_address ^ input) >> size_shift == 0;
  }
};

/// A stage 2 translation of its own, for an IPA cache: tag VMID and IPA.
struct stage2_translation {
  std::uint64_t ipa = 0;  ///< base of the page or block
  base::pa output;
  stage_leaf leaf;

  bool contains(std::uint64_t address) const { return (address ^ ipa) >> leaf.size_shift == 0; }
};

enum class fetch_kind : std::uint8_t { l1std, ste, l1cd, cd, s1_descriptor, s2_descriptor };
inline constexpr std::size_t fetch_kinds = 6;

enum class outcome : std::uint8_t {
  ok,
  fault,  ///< terminated (or stalled), the event is to be recorded
  abort,  ///< terminated; `event` is what was kept from being recorded, type none where there is
          ///< none
};

/// What becomes of a transaction that faults (section 3.12).
enum class fault_response : std::uint8_t {
  abort,
  zero,   ///< CD.A = 0: reads give zero, writes are ignored
  stall,  ///< waits for CMD_RESUME; the driver gives the event its STAG
};

struct translation_result {
  arch::outcome outcome = arch::outcome::abort;
  fault_response response = fault_response::abort;
  base::pa output;          ///< with ok
  arch::translation entry;  ///< with ok; kind bypass and disabled are not for a TLB
  arch::event event;        ///< with fault and abort
  std::array<std::uint8_t, fetch_kinds> fetches{};  ///< reads made, by fetch_kind
  std::uint8_t updates = 0;                         ///< compare-and-swaps of descriptors (HTTU)

  /// Takes over what `r` says; `event` only where it says something.
  void assign(const translation_result& r) {
    outcome = r.outcome;
    response = r.response;
    output = r.output;
    entry = r.entry;
    if (outcome != arch::outcome::ok) event = r.event;
    fetches = r.fetches;
    updates = r.updates;
  }
  unsigned fetch_count() const {
    unsigned n = 0;
    for (const auto f : fetches) {
      n += f;
    }
    return n;
  }
  unsigned count(fetch_kind k) const { return fetches[static_cast<std::size_t>(k)]; }
};

/// The privilege and the kind of access that count, after STE.PRIVCFG and INSTCFG. They are for
/// untranslated transactions; a write is data in any case (section 13.7).
access_request overridden(access_request request, const decoded_config& config);

/// Does `allowed` let the transaction go on? A Translation Request takes what there is, reading or
/// writing.
inline bool suffices(permission allowed, const access_request& request) {
  if (request.kind != transaction_kind::translation_request) {
    return allowed.allows(request.write, request.privileged, request.instruction);
  }
  return allowed.allows(false, request.privileged, false) ||
         allowed.allows(true, request.privileged, false);
}
/// What both stages allow. Most accesses need one bit of each.
inline bool suffices(permission s1, permission s2, const access_request& request) {
  if (request.kind == transaction_kind::translation_request) return suffices(s1 & s2, request);
  return suffices(s1, request) && suffices(s2, request);
}

/// True where `entry` does not tell whether the access is allowed, as a write to it must first make
/// a descriptor dirty: walk instead of hit().
bool needs_update(const translation& entry, const access_request& request);

/// The outcome of an access that hits `entry`: ok, or F_PERMISSION of the stage that forbids it,
/// with the IPA, recorded or suppressed by `config`. `entry` must contain the address, and not
/// need an update; no fetches are counted.
translation_result hit(const translation& entry, const decoded_config& config,
                       const register_view& regs, const access_request& request);

/// Fault bookkeeping shared by walks and hits: terminate `request` with `e`, whose type, stage,
/// class and addresses are set, filling the transaction's fields and deciding on record, response
/// and stall.
translation_result make_fault(event e, const decoded_config& config, const register_view& regs,
                              const access_request& request);

}  // namespace svasim::arch
