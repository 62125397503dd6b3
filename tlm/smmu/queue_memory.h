// How a queue reads and writes its entries: one blocking access at a time, in the queue's thread.
#pragma once

#include <tlm_utils/simple_initiator_socket.h>
#include <cstring>
#include <tlm>

#include "base/address.h"
#include "tlm/kit/payload_pool.h"
#include "tlm/kit/time.h"

namespace svasim::smmu {

class queue_memory {
 public:
  /// False for an external abort; `data` is then as it was.
  template <class Socket>
  [[nodiscard]] bool read(Socket& socket, base::pa at, void* data, std::uint32_t n) {
    return access(socket, tlm::TLM_READ_COMMAND, at, data, nullptr, n);
  }
  template <class Socket>
  [[nodiscard]] bool write(Socket& socket, base::pa at, const void* data, std::uint32_t n) {
    return access(socket, tlm::TLM_WRITE_COMMAND, at, nullptr, data, n);
  }

 private:
  template <class Socket>
  bool access(Socket& socket, tlm::tlm_command command, base::pa at, void* to, const void* from,
              std::uint32_t n) {
    tlm::tlm_generic_payload& p = m_pool.take(command, at.value(), n);
    kit::extension_of(p).kind = kit::traffic::queue;
    kit::extension_of(p).log = nullptr;
    if (from != nullptr) std::memcpy(p.get_data_ptr(), from, n);
    sc_core::sc_time t;
    socket->b_transport(p, t);
    sc_core::wait(t);
    const bool good = p.is_response_ok();
    if (good && to != nullptr) std::memcpy(to, p.get_data_ptr(), n);
    p.release();
    return good;
  }

  kit::payload_pool m_pool;
};

}  // namespace svasim::smmu
