#include "lost_work.h"

#include "tlm/device/atc_store.h"
#include "tlm/software/command_lists.h"

using svasim::arch::opcode;
using svasim::test::lost;
using svasim::test::lost_work;

// A member function as the ABI has it: its object comes first.
#define ISSUE _ZN6svasim8software13command_lists5issueERNS_3kit4taskEPKNS_4arch7commandEmb
#define INVALIDATE _ZN6svasim6device9atc_store10invalidateERKNS_4arch11ats_messageE
#define JOIN_(a, b) a##b
#define JOIN(a, b) JOIN_(a, b)

extern "C" {

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

void JOIN(__wrap_, INVALIDATE)(svasim::device::atc_store* store,
                               const svasim::arch::ats_message& m) {
  if (lost == lost_work::atc_entries) return;
  JOIN(__real_, INVALIDATE)(store, m);
}
}
