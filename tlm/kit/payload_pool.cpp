#include "tlm/kit/payload_pool.h"

namespace svasim::kit {
namespace {

// Data of timing-only transfers: never read for meaning, so all of them share it.
alignas(64) std::array<unsigned char, 4096> scratch_page{};

}  // namespace

payload_pool::~payload_pool() {
  for (node& n : m_nodes) n.clear_extension(&n.extension);
}

payload_pool::node& payload_pool::grow() {
  node& n = m_nodes.emplace_back();
  n.set_mm(this);
  n.set_extension(&n.extension);
  return n;
}

tlm::tlm_generic_payload& payload_pool::take(tlm::tlm_command command, std::uint64_t address,
                                             std::uint32_t length) {
  node* n;
  if (m_free.empty()) {
    n = &grow();
    m_free.reserve(m_nodes.size());
  } else {
    n = m_free.back();
    m_free.pop_back();
  }
  tlm::tlm_generic_payload& p = *n;
  p.acquire();
  p.set_command(command);
  p.set_address(address);
  p.set_data_length(length);
  p.set_streaming_width(length);
  p.set_byte_enable_ptr(nullptr);
  p.set_dmi_allowed(false);
  p.set_response_status(tlm::TLM_INCOMPLETE_RESPONSE);
  p.set_data_ptr(length <= n->data.size() ? n->data.data() : scratch_page.data());
  n->extension.log = &n->log;
  n->extension.timing_only = length > n->data.size();
  return p;
}

// The extension stays with its payload; so nothing is reset here.
void payload_pool::free(tlm::tlm_generic_payload* payload) {
  m_free.push_back(static_cast<node*>(payload));
}

}  // namespace svasim::kit
