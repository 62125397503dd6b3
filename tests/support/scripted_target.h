// A target that answers as the test wants: at once, late, or when told to; and keeps what arrived.
#pragma once

#include <tlm_utils/passthrough_target_socket.h>
#include <tlm>

#include <functional>
#include <vector>

#include "base/sparse_memory.h"
#include "tlm/kit/delay_line.h"
#include "tlm/kit/dma_extension.h"

namespace svasim::test {

class scripted_target final : public sc_core::sc_module {
 public:
  using payload = tlm::tlm_generic_payload;
  using duration = base::duration;

  enum class manner {
    at_once,    ///< TLM_COMPLETED, `latency` annotated
    late,       ///< END_REQ at once, BEGIN_RESP when `latency` has passed
    on_demand,  ///< END_REQ at once, answer() by the test
    held,       ///< TLM_ACCEPTED: accept() and answer() by the test
  };
  struct arrival {
    payload* p;
    duration at;
    std::uint64_t address;
    unsigned length;
    bool write;
    base::stream_id sid;
  };

  explicit scripted_target(sc_core::sc_module_name name);

  tlm_utils::passthrough_target_socket<scripted_target> socket;

  manner how = manner::at_once;
  duration latency;
  tlm::tlm_response_status status = tlm::TLM_OK_RESPONSE;
  /// Where reads and writes go; null: nowhere.
  base::sparse_memory* bytes = nullptr;
  /// Sees each request when it arrives, blocking ones too.
  std::function<void(payload&)> on_request;
  std::vector<arrival> arrivals;

  /// END_REQ for a request that is held.
  void accept(payload& p);
  /// BEGIN_RESP, `after` from now.
  void answer(payload& p, duration after = duration());
  /// update_fc: the buffer of the request is free.
  void free_buffer(payload& p);

 private:
  tlm::tlm_sync_enum request(payload& p, tlm::tlm_phase& phase, sc_core::sc_time& t);
  void blocking(payload& p, sc_core::sc_time& t);
  void take(payload& p, duration at);
  void answer_due();

  kit::delay_line<payload*> m_due;
};

}  // namespace svasim::test
