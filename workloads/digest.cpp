#include "workloads/digest.h"

#include <fmt/format.h>

namespace svasim::workloads {

std::string digest::text() const {
  return fmt::format("{:016x}", m_hash);
}

}  // namespace svasim::workloads
