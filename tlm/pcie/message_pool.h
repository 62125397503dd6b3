// Copies of messages on their way down, each with a payload of its own: what a root complex or a
// switch forwards outlives the call that brought it. As many as credits let be under way.
#pragma once

#include <deque>
#include <vector>

#include "tlm/kit/payload_pool.h"
#include "tlm/pcie/tlp.h"

namespace svasim::pcie {

class message_pool {
 public:
  using payload = tlm::tlm_generic_payload;

  /// A copy of `m` for the function `requester_id`; it is free again by release().
  payload& take(const arch::ats_message& m, std::uint16_t requester_id) {
    if (m_free.empty()) {
      m_copies.emplace_back();
      m_free.push_back(&m_copies.back());
    }
    copy& c = *m_free.back();
    m_free.pop_back();
    c.message = m;
    payload& p = m_payloads.take(tlm::TLM_WRITE_COMMAND, 0, 16 + message_body(m));
    kit::dma_extension& ext = kit::extension_of(p);
    ext.kind = kit::traffic::message;
    ext.log = nullptr;
    ext.sid = m.sid;
    ext.has_ssid = m.has_ssid;
    ext.ssid = m.ssid;
    ext.requester_id = requester_id;
    ext.message = &c.message;
    ext.context = &c;
    ++m_in_use;
    return p;
  }
  void release(payload& p) {
    m_free.push_back(static_cast<copy*>(kit::extension_of(p).context));
    p.release();
    --m_in_use;
  }
  std::size_t in_use() const { return m_in_use; }

 private:
  struct copy {
    arch::ats_message message;
  };
  kit::payload_pool m_payloads;
  std::deque<copy> m_copies;
  std::vector<copy*> m_free;
  std::size_t m_in_use = 0;
};

}  // namespace svasim::pcie
