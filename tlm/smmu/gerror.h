// GERROR and GERRORN (Arm IHI 0070 7.5): errors that stop a part of the SMMU until software
// acknowledges them. An error is active while its two bits differ: the SMMU toggles the one in
// GERROR when the error is not active, software copies it into GERRORN.
//
// Leaves out: service failure mode (SFM) and DPT errors, which nothing here raises.
#pragma once

#include <cstdint>
#include <functional>
#include <vector>

namespace svasim::smmu {

/// Bit numbers.
enum class global_error : std::uint8_t {
  cmdq = 0,
  eventq_abort = 2,
  priq_abort = 3,
  msi_cmdq_abort = 4,
  msi_eventq_abort = 5,
  msi_priq_abort = 6,
  msi_gerror_abort = 7,
  cmdqp = 9,  ///< an ECMDQ has an error
};

class gerror {
 public:
  bool is_active(global_error e) const { return ((m_gerror ^ m_gerrorn) & bit(e)) != 0; }
  /// The error occurs: it becomes active if it is not.
  void raise(global_error e);
  /// Software writes GERRORN. Errors that are not active do not become so by it (that is
  /// CONSTRAINED UNPREDICTABLE; here their bit is not written).
  void acknowledge(std::uint32_t gerrorn);
  void acknowledge(global_error e) { acknowledge(m_gerrorn ^ ((m_gerror ^ m_gerrorn) & bit(e))); }
  std::uint32_t value() const { return m_gerror; }
  std::uint32_t acknowledged() const { return m_gerrorn; }

  /// Called when an error becomes active: the interrupt.
  std::function<void()> on_raised;
  /// `f` is called whenever software has acknowledged `e`.
  void when_acknowledged(global_error e, std::function<void()> f);

 private:
  static constexpr std::uint32_t bit(global_error e) { return 1u << static_cast<unsigned>(e); }

  struct waiter {
    global_error error;
    std::function<void()> call;
  };
  std::uint32_t m_gerror = 0;
  std::uint32_t m_gerrorn = 0;
  std::vector<waiter> m_waiters;
};

}  // namespace svasim::smmu
