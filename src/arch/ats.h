// ATS Translation Requests as the SMMU answers them (Arm IHI 0070 sections 3.9.1, 13.6, 13.7): what
// comes of the walk or of a TLB hit, as the entry of a Translation Completion.
//
// Left out: requests for several translations at once (each is asked on its own), the DPT (EATS 3),
// memory attributes, PASIDs on Translated transactions without IDR3.PASIDTT (they are ignored).
#pragma once

#include <cstdint>

#include "arch/translate.h"
#include "arch/translation.h"
#include "base/address.h"

namespace svasim::arch {

/// Status of a Translation Completion.
enum class ats_status : std::uint8_t {
  success,
  unsupported_request,  ///< UR: ATS is not allowed here
  completer_abort,      ///< CA: the configuration is wrong, or a structure could not be read
};

/// One entry of a Translation Completion, and what the SMMU records. U, N and Global are always 0.
struct ats_completion {
  ats_status status = ats_status::success;
  bool read = false, write = false;  ///< neither: no access, with an entry of the STU
  bool execute = false;              ///< only where it was asked for, and with `read`
  bool privileged = false;           ///< as requested
  std::uint8_t size_shift = 12;      ///< log2 of the bytes the entry covers
  std::uint64_t address = 0;  ///< base of the translated range: PA, with split-stage ATS the IPA
  bool recorded = false;      ///< `event` goes to the event queue
  arch::event event;          ///< type none where there is none

  bool granted() const { return read || write; }
};

/// The answer to `request` (a Translation Request) whose walk ended in `result` with `config`.
/// `stu_shift`: log2 of the smallest translation unit, at least 12.
ats_completion complete(const translation_result& result, const decoded_config& config,
                        const register_view& regs, const access_request& request,
                        unsigned stu_shift);

/// The answer where a TLB holds `entry`, which must contain the address and not need an update. The
/// configuration must let the request through (ats_admitted).
ats_completion complete(const translation& entry, const decoded_config& config,
                        const register_view& regs, const access_request& request,
                        unsigned stu_shift);

/// True where a Translation Request with this configuration may be answered from a TLB; else the
/// walk, which then reads nothing, tells what is wrong.
bool ats_admitted(const decoded_config& config, const register_view& regs);

/// The 8 bytes of a completion entry (PCIe ATS: R, W, U, Exe, Priv, Global, N, S, address).
std::uint64_t encode_entry(const ats_completion& c);

/// Answer one Translation Request with no caches; see run() for `read` and `update`.
template <class Reader, class Updater>
ats_completion ats_translate(const register_view& regs, Reader&& read, Updater&& update,
                             access_request request, unsigned stu_shift = 12) {
  request.kind = transaction_kind::translation_request;
  translation_walk walk;
  walk.start(regs, request);
  run(walk, read, update);
  return complete(walk.result(), walk.config(), regs, request, stu_shift);
}

}  // namespace svasim::arch
