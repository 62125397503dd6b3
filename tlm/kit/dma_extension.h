// The one payload extension: what a generic payload does not say about a DMA, a walk read or a
// translation request. Each field names its writer; everybody else only reads it.
#pragma once

#include <array>
#include <cstdint>
#include <tlm>

#include "base/address.h"
#include "base/ids.h"
#include "tlm/kit/stage.h"

namespace svasim::arch {
struct ats_completion;
struct ats_message;
struct translation_result;
enum class transaction_kind : std::uint8_t;
}  // namespace svasim::arch

namespace svasim::kit {

/// Who asks; a memory module may treat them differently.
enum class traffic : std::uint8_t { dma, table_walk, queue, cpu, message };

/// Sent backward by a receiver when it frees the buffer space of a TLP (PCIe UpdateFC). Ignorable.
DECLARE_EXTENDED_PHASE(update_fc);
/// Sent backward by the TCU: the translation stalls on a fault, and begins anew. Ignorable.
DECLARE_EXTENDED_PHASE(translation_stalled);
DECLARE_EXTENDED_PHASE(translation_retried);

struct dma_extension : tlm::tlm_extension<dma_extension> {
  // --- written by the initiator ---
  std::uint64_t id = 0;  ///< number of the transaction at its initiator
  traffic kind = traffic::dma;
  bool has_ssid = false;    ///< the TLP has a PASID prefix
  bool privileged = false;  ///< ... that says so, Execute Requested likewise
  bool instruction = false;
  bool speculative = false;        ///< a prefetch: faults leave no trace (IHI 0070 3.14)
  arch::transaction_kind at{};     ///< PCIe AT: untranslated, Translation Request, translated
  bool timing_only = false;        ///< data bytes carry no meaning and are not copied
  std::uint16_t requester_id = 0;  ///< bus, device, function (PCIe)
  base::substream_id ssid;
  base::iova address;                 ///< untranslated address; translated where `at` says so
  std::uint64_t expected_output = 0;  ///< output address in the trace, if has_expected
  bool has_expected = false;
  std::uint32_t record_slot = 0;  ///< index of the engine's bookkeeping of the trace record
  stage_log* log = nullptr;       ///< where stages are noted; null for traffic of the SMMU itself
  void* context = nullptr;        ///< initiator's own object
  arch::ats_completion* completion = nullptr;  ///< Translation Request: place of the answer

  // --- written by the ATC of a device that uses ATS ---
  base::iova virtual_address;  ///< while `at` is translated: what `address` was before
  std::uint32_t atc_slot = 0;  ///< index of its bookkeeping

  // --- written by the root complex ---
  base::stream_id sid;

  // --- written by the TBU ---
  base::pa translated;
  std::uint64_t stage1_output = 0;  ///< IPA if stage 2 is on, else the PA
  std::uint8_t epoch = 0;           ///< which CMD_SYNC interval of the TBU it belongs to

  // --- written by the interconnect ---
  std::uint8_t port = 0;  ///< upstream port the request came through

  // --- translation requests, TBU to TCU ---
  arch::translation_result* translation =
      nullptr;  ///< place of the answer: the TBU's, filled by the TCU

  // --- traffic::message, by its sender ---
  const arch::ats_message* message = nullptr;  ///< valid during the call only

  tlm::tlm_extension_base* clone() const override { return new dma_extension(*this); }
  void copy_from(const tlm::tlm_extension_base& other) override {
    *this = static_cast<const dma_extension&>(other);
  }
};

/// A generic payload with its extension in place. All payloads of svasim come from payload_pools,
/// which make this type: so every module finds the extension without a call (the protocol checker
/// holds payloads to it).
struct dma_payload : tlm::tlm_generic_payload {
  dma_extension extension;
};

inline dma_extension& extension_of(tlm::tlm_generic_payload& payload) {
  return static_cast<dma_payload&>(payload).extension;
}
inline const dma_extension& extension_of(const tlm::tlm_generic_payload& payload) {
  return static_cast<const dma_payload&>(payload).extension;
}

inline void enter_stage(dma_extension& ext, stage s, base::duration t) {
  if (ext.log != nullptr) ext.log->enter(s, t);
}

}  // namespace svasim::kit
