#include "workloads/file_digest.h"

#include <fmt/format.h>

namespace svasim::workloads {

std::string file_digest::text() const {
  return fmt::format("{:016x}", XXH64_digest(&m_state));
}

}  // namespace svasim::workloads
