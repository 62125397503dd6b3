#include "lost_work.h"

#include "tlm/device/atc_store.h"
#include "tlm/pcie/root_complex.h"
#include "tlm/software/command_lists.h"

using svasim::arch::opcode;
using svasim::test::lost;
using svasim::test::lost_work;

// A member function as the ABI has it: its object comes first.
#define ISSUE _ZN6svasim8software13command_lists5issueERNS_3kit4taskEPKNS_4arch7commandEmb
#define INVALIDATE _ZN6svasim6device9atc_store10invalidateERKNS_4arch11ats_messageE
#define JOIN_(a, b) a##b
#define JOIN(a, b) JOIN_(a, b)
#define TAKES_TLP ERN3tlm19tlm_generic_payloadENS_4base8quantityINS5_12duration_tagEEE
#define RECEIVE JOIN(_ZN6svasim4pcie12root_complex11receive_ats, TAKES_TLP)

extern "C" {

// A breach leaves threads of software where they are, with what they hold: the frames below an
// allocation tell LeakSanitizer that it is theirs (.ci/lsan.supp), and are found slowly only.
const char* __asan_default_options();
const char* __asan_default_options() {
  return "fast_unwind_on_malloc=0";
}

void JOIN(__real_, ISSUE)(svasim::software::command_lists*, svasim::kit::task&,
                          const svasim::arch::command*, std::size_t, bool);
void JOIN(__real_, INVALIDATE)(svasim::device::atc_store*, const svasim::arch::ats_message&);

void JOIN(__wrap_, ISSUE)(svasim::software::command_lists* lists, svasim::kit::task& t,
                          const svasim::arch::command* commands, std::size_t n, bool sync) {
  const opcode op = n == 0 ? opcode::sync : commands[0].op;
  if (op == opcode::atc_inv) ++svasim::test::atc_invalidations;
  const bool meant =
      n == 0 || !svasim::test::lost_stream || *svasim::test::lost_stream == commands[0].sid;
  if (lost == lost_work::atc_inv && op == opcode::atc_inv && meant) return;
  if (lost == lost_work::page_responses && op == opcode::pri_resp) return;
  JOIN(__real_, ISSUE)(lists, t, commands, n, sync);
}

void JOIN(__real_, RECEIVE)(svasim::pcie::root_complex*, tlm::tlm_generic_payload&,
                            svasim::base::duration);

// What passes is told at once; when the root complex hands it on as well, nobody waits for it.
void JOIN(__wrap_, RECEIVE)(svasim::pcie::root_complex* port, tlm::tlm_generic_payload& p,
                            svasim::base::duration at) {
  const svasim::kit::dma_extension& ext = svasim::kit::extension_of(p);
  using code = svasim::arch::ats_message_code;
  if (ext.message != nullptr && ext.message->code == code::invalidate_completion) {
    ++svasim::test::completions_up;
    svasim::arch::ats_message m = *ext.message;
    m.sid = ext.sid;
    if (lost == lost_work::posted_order) (void)port->on_message(m);
  }
  JOIN(__real_, RECEIVE)(port, p, at);
}

void JOIN(__wrap_, INVALIDATE)(svasim::device::atc_store* store,
                               const svasim::arch::ats_message& m) {
  if (lost == lost_work::atc_entries) return;
  JOIN(__real_, INVALIDATE)(store, m);
}
}
