// Watches one binding and holds it to the TLM-2.0 base protocol (IEEE 1666-2011 section 15.2) as
// the house uses it: two-phase AT: BEGIN_REQ answered by END_REQ or at once (TLM_COMPLETED),
// BEGIN_RESP completed at once. Any breach throws std::logic_error that names the binding, the
// transaction and the rule. Spliced between all modules in tests.
//
// Checked: request exclusion (no BEGIN_REQ before the END_REQ of the one before; into a PCIe link
// that holds for posted and non-posted requests apart), no phase for a payload that is not in
// flight, one BEGIN_RESP, response status set by then, time of one transaction never stepping back,
// payload fields unchanged where they may not change, nothing in flight at the end.
#pragma once

#include <map>
#include <string>

#include "tlm/kit/probe.h"

namespace svasim::kit {

class protocol_checker final : public probe {
 public:
  enum class exclusion { all, posted_apart };
  explicit protocol_checker(sc_core::sc_module_name name, exclusion rule = exclusion::all);
  /// Requests seen so far.
  std::uint64_t requests() const { return m_requests; }
  /// Throws if anything is still in flight.
  void check_drained() const;

 private:
  enum class state { requested, accepted };
  struct flight {
    state at;
    duration last;
    std::uint64_t address;
    unsigned length;
    tlm::tlm_command command;
  };
  void before_fw(payload& p, tlm::tlm_phase phase, duration t) override;
  void after_fw(payload& p, tlm::tlm_phase phase, duration t, tlm::tlm_sync_enum s) override;
  void before_bw(payload& p, tlm::tlm_phase phase, duration t) override;
  void after_bw(payload& p, tlm::tlm_phase phase, duration t, tlm::tlm_sync_enum s) override;
  flight& find(const payload& p, const char* what);
  void step(flight& f, const payload& p, duration t);
  const payload*& waiting(const payload& p);
  void accepted(flight& f, const payload& p, duration t);
  [[noreturn]] void breach(const std::string& rule, const payload& p) const;

  const exclusion m_exclusion;
  std::map<const payload*, flight> m_flights;
  const payload* m_waiting[2] = {};  // BEGIN_REQ without END_REQ; posted ones apart
  std::uint64_t m_requests = 0;
};

}  // namespace svasim::kit
