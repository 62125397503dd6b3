#include "tlm/smmu/ecmdq.h"

#include <algorithm>

#include "base/bits.h"

namespace svasim::smmu {

using base::bit;
using base::bits;

namespace {
constexpr unsigned error_bit = 23;
constexpr unsigned enable_bit = 31;

std::uint32_t at(bool value, unsigned position) {
  return static_cast<std::uint32_t>(value) << position;
}
}  // namespace

ecmdq::ecmdq(sc_core::sc_module_name name, const command_queue_params& params,
             command_engine& engine, gerror& errors, stats::group* parent, const char* stats_name)
    : command_ring(name, params, base::pa(0), engine, errors, parent, stats_name),
      m_largest_log2(params.log2_entries) {
  on_quiet = [this] { acknowledge_enable(); };
}

bool ecmdq::write_base(std::uint64_t value) {
  if (!disabled()) return false;
  const auto log2 = static_cast<unsigned>(bits(value, 4, 0));
  m_base_register = value;
  place(base::pa(base::place(bits(value, 55, 5), 55, 5)), std::min(log2, m_largest_log2));
  return true;
}

void ecmdq::write_prod_register(std::uint32_t value) {
  m_enabled = bit(value, enable_bit);
  m_errack = bit(value, error_bit);
  acknowledge_enable();
  write_prod(static_cast<std::uint32_t>(bits(value, 19, 0)));
}

// Enabling takes effect at once, disabling when no command is under way.
void ecmdq::acknowledge_enable() {
  if (m_enabled || quiet()) m_enack = m_enabled;
}

std::uint32_t ecmdq::prod_register() const {
  return prod() | at(m_errack, error_bit) | at(m_enabled, enable_bit);
}

bool ecmdq::write_cons_register(std::uint32_t value) {
  if (!disabled()) return false;
  m_err = bit(value, error_bit);
  set_indices(prod(), static_cast<std::uint32_t>(bits(value, 19, 0)));
  return true;
}

std::uint32_t ecmdq::cons_register() const {
  return read_index() | at(m_err, error_bit) | static_cast<std::uint32_t>(m_reason) << 24 |
         at(m_enack, enable_bit);
}

void ecmdq::stopped(arch::command_error e) {
  m_reason = e;
  m_err = !m_errack;
  errors().raise(global_error::cmdqp);
}

}  // namespace svasim::smmu
