#include "arch/translation.h"

#include "base/bits.h"

namespace svasim::arch {

const char* name(translation_kind kind) {
  constexpr const char* names[] = {"s1", "s2", "nested", "bypass", "disabled"};
  return names[static_cast<std::size_t>(kind)];
}

namespace {
/// Section 7.3: which fields of the transaction a record shows.
bool has_input_address(event_type t) {
  return t == event_type::f_uut || t == event_type::f_transl_forbidden ||
         t == event_type::f_walk_eabt || is_configurable(t);
}

/// Does CR2.REC_CFG_ATS decide on the record (3.9.1.2)?
bool is_ats_error(event_type t, transaction_kind kind) {
  if (kind == transaction_kind::untranslated || t == event_type::f_bad_ats_treq ||
      t == event_type::f_transl_forbidden) {
    return false;
  }
  // Stage 2 of a Translated transaction faults like any other.
  return kind == transaction_kind::translation_request || t != event_type::f_walk_eabt;
}

bool is_recorded(const event& e, const decoded_config& config, const register_view& regs,
                 transaction_kind kind) {
  if (e.type == event_type::c_bad_streamid && !regs.record_invalid_sid) {
    return false;
  }
  if (!is_configurable(e.type)) {
    return !is_ats_error(e.type, kind) || regs.record_config_ats;
  }
  if (kind == transaction_kind::translation_request) {
    return false;  // the answer says that there is no access
  }
  // A stage 1 fault without stage 1 (an address too large for a bypass) is always recorded.
  return e.stage2 ? config.s2_record : !config.s1_on || config.s1_record;
}

fault_response response_of(const event& e, const decoded_config& config, transaction_kind kind) {
  if (!is_configurable(e.type) || kind == transaction_kind::translation_request) {
    return fault_response::abort;
  }
  if (e.stage2) {
    return config.s2_stall ? fault_response::stall : fault_response::abort;
  }
  if (!config.s1_on) {
    return fault_response::abort;
  }
  if (config.s1_stall) {
    return fault_response::stall;
  }
  return config.s1_abort ? fault_response::abort : fault_response::zero;
}
}  // namespace

translation_result make_fault(event e, const decoded_config& config, const register_view& regs,
                              const access_request& request) {
  e.sid = request.sid;
  e.has_ssid = request.has_ssid;
  e.ssid = request.has_ssid ? request.ssid : base::substream_id{};
  if (e.type == event_type::f_bad_ats_treq) {
    e.input_address = base::iova(request.address).page_base(12).value();
  } else if (has_input_address(e.type)) {
    e.input_address = request.address;
    e.read = !request.write;
    e.privileged = request.privileged;
    e.instruction = request.instruction && !request.write;
  }
  translation_result r;
  r.response = response_of(e, config, request.kind);
  e.stall = r.response == fault_response::stall;
  // A stall record waits for a queue that can take it; others are lost (7.2.1).
  const bool written =
      e.stall || (regs.eventq_enabled && is_recorded(e, config, regs, request.kind));
  r.outcome = written ? outcome::fault : outcome::abort;
  r.event = e;
  return r;
}

access_request overridden(access_request request, const decoded_config& config) {
  if (request.kind == transaction_kind::untranslated) {
    request.privileged = config.privcfg < 2 ? request.privileged : config.privcfg == 3;
    request.instruction = config.instcfg < 2 ? request.instruction : config.instcfg == 3;
  }
  return request;
}

bool needs_update(const translation& entry, const access_request& request) {
  return request.write && (entry.s1.writable_clean || entry.s2.writable_clean);
}

translation_result hit(const translation& entry, const decoded_config& config,
                       const register_view& regs, const access_request& incoming) {
  const access_request request = overridden(incoming, config);
  const std::uint64_t offset = request.address & base::low_mask(entry.size_shift);
  event e;
  e.cls = event_class::input;
  if (!suffices(entry.s1.allowed, request)) {
    e.type = event_type::f_permission;
    return make_fault(e, config, regs, request);
  }
  if (!suffices(entry.s1.allowed, entry.s2.allowed, request)) {
    e.type = event_type::f_permission;
    e.stage2 = true;
    e.ipa = base::ipa(entry.ipa + offset).page_base(12).value();
    return make_fault(e, config, regs, request);
  }
  translation_result r;
  r.outcome = outcome::ok;
  r.output = entry.output + offset;
  r.entry = entry;
  r.entry.privcfg = config.privcfg;
  r.entry.instcfg = config.instcfg;
  return r;
}

}  // namespace svasim::arch
