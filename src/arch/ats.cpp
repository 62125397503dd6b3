#include "arch/ats.h"

#include "base/bits.h"

namespace svasim::arch {

namespace {
/// Section 3.9.1.2: a wrong configuration is CA, a stream without ATS is UR.
ats_status status_of(const event& e) {
  if (e.type == event_type::none || e.type == event_type::f_bad_ats_treq) {
    return ats_status::unsupported_request;
  }
  return is_configurable(e.type) ? ats_status::success : ats_status::completer_abort;
}

void set_no_access(ats_completion& c, const access_request& request, unsigned stu_shift) {
  c.read = c.write = c.execute = false;
  c.size_shift = static_cast<std::uint8_t>(stu_shift);
  c.address = base::iova(request.address).page_base(stu_shift).value();
}

/// Stage 1 was skipped by S1DSS: everything is allowed, in one entry as large as the output.
void set_identity(ats_completion& c, const register_view& regs, const access_request& request) {
  c.read = c.write = true;
  c.execute = request.instruction;
  c.size_shift = regs.caps.oas_bits;
  c.address = 0;
}
}  // namespace

bool ats_admitted(const decoded_config& config, const register_view& regs) {
  return regs.enabled && config.action == config_action::translate &&
         (config.eats == 1 || (config.eats == 2 && regs.ats_check));
}

ats_completion complete(const translation& entry, const decoded_config& config,
                        const register_view& regs, const access_request& request,
                        unsigned stu_shift) {
  ats_completion c;
  c.privileged = request.privileged;
  if (entry.kind == translation_kind::bypass) {
    set_identity(c, regs, request);
    return c;
  }
  const permission allowed = entry.s1.allowed & entry.s2.allowed;
  c.read = allowed.allows(false, request.privileged, false);
  // Without NW a writable page was made dirty by the walk; with it, a dirty one may be granted.
  c.write = allowed.allows(true, request.privileged, false);
  c.execute = c.read && request.instruction && allowed.allows(false, request.privileged, true);
  c.size_shift = entry.size_shift;
  c.address = config.eats == 2 ? entry.ipa : entry.output.value();
  if (!c.granted()) {
    set_no_access(c, request, stu_shift);
  }
  return c;
}

ats_completion complete(const translation_result& result, const decoded_config& config,
                        const register_view& regs, const access_request& request,
                        unsigned stu_shift) {
  if (result.outcome == outcome::ok) {
    return complete(result.entry, config, regs, request, stu_shift);
  }
  ats_completion c;
  c.status = status_of(result.event);
  c.recorded = result.outcome == outcome::fault;
  c.privileged = request.privileged;
  c.event = result.event;
  set_no_access(c, request, stu_shift);
  return c;
}

std::uint64_t encode_entry(const ats_completion& c) {
  // S and the low address bits tell the size: 2^(13 + k) bytes for k ones from bit 12 on.
  const std::uint64_t size =
      c.size_shift > 12 ? base::low_mask(c.size_shift - 1u) & ~base::low_mask(12) : 0;
  const std::uint64_t address = c.address & ~base::low_mask(c.size_shift);
  return address | size | base::place(c.size_shift > 12, 11, 11) | base::place(c.privileged, 4, 4) |
         base::place(c.execute, 3, 3) | base::place(c.write, 1, 1) | base::place(c.read, 0, 0);
}

}  // namespace svasim::arch
