// An initiator that sends what the test tells it, and keeps what came back and when.
#pragma once

#include <tlm_utils/simple_initiator_socket.h>
#include <tlm>

#include <deque>
#include <functional>

#include "tlm/kit/dma_extension.h"
#include "tlm/kit/payload_pool.h"
#include "tlm/kit/time.h"

namespace svasim::test {

class scripted_initiator final : public sc_core::sc_module {
 public:
  using payload = tlm::tlm_generic_payload;
  using duration = base::duration;

  struct request {
    payload* p = nullptr;
    duration sent = kit::never;
    duration accepted = kit::never;  ///< END_REQ, also where BEGIN_RESP implies it
    duration answered = kit::never;
    duration credited = kit::never;  ///< update_fc
    unsigned answers = 0;
    unsigned credits = 0;

    kit::dma_extension& ext() { return kit::extension_of(*p); }
    bool done() const { return answered != kit::never; }
  };

  explicit scripted_initiator(sc_core::sc_module_name name);

  tlm_utils::simple_initiator_socket<scripted_initiator> socket;

  /// All requests ever made, by their id; references stay valid.
  std::deque<request> requests;
  /// Ids in the order in which they were answered.
  std::vector<std::uint64_t> order;
  /// Called at each answer, after it was noted.
  std::function<void(request&)> on_answer;

  /// A request that has not been sent; its stage log is started when it is.
  request& make(tlm::tlm_command command, std::uint64_t address, std::uint32_t length);
  /// Hand it over now, to arrive `after` later.
  tlm::tlm_sync_enum send(request& r, duration after = duration());
  request& read(std::uint64_t address, std::uint32_t length, duration after = duration());
  request& write(std::uint64_t address, std::uint32_t length, duration after = duration());
  /// From a process: blocking transport, and what it took with the time it annotated.
  duration blocking(request& r);

 private:
  tlm::tlm_sync_enum response(payload& p, tlm::tlm_phase& phase, sc_core::sc_time& t);
  void answered(request& r, duration at);

  kit::payload_pool m_pool;
};

}  // namespace svasim::test
