#include "tlm/smmu/queue_params.h"

namespace svasim::smmu {

void command_queue_params::describe(describe::visitor& v) {
  v.field("log2_entries", log2_entries, {2, 19}, "log2(entries)", "Size of the command queue.",
          "T: IHI 0070 6.3.2, CMDQS at most 19");
  v.field("fetch_batch", fetch_batch, {1, 4}, "commands", "Commands of 16 bytes read at once.",
          "A: a 64-byte line");
  v.field("decode", decode, base::ns(0), base::us(10), "Decode and dispatch of one command.",
          "A: assumed");
  v.field("invalidate", invalidate, base::ns(0), base::us(10),
          "Search of the TLBs and walk caches for one command.", "A: assumed");
}

void event_queue_params::describe(describe::visitor& v) {
  v.field("log2_entries", log2_entries, {0, 19}, "log2(entries)", "Size of the event queue.",
          "T: IHI 0070 6.3.2, EVENTQS at most 19");
  v.field("pending", pending, {1, 4096}, "events",
          "Events held in the SMMU while one is written; more are dropped and counted.",
          "A: MMU-700 writes one at a time");
  v.field("stalls", stalls, {1, 65536}, "events",
          "Stall records held in the SMMU until the queue can take them; with all taken, what "
          "stalls next waits.",
          "A: assumed");
  v.field("merge", merge, "A record that may be merged with one not yet read is not written again.",
          "T: IHI 0070 7.3.1 allows both");
}

void pri_queue_params::describe(describe::visitor& v) {
  v.field("log2_entries", log2_entries, {0, 19}, "log2(entries)", "Size of the PRI queue.",
          "T: IHI 0070 6.3.2, PRIQS at most 19");
  v.field("pending", pending, {1, 4096}, "requests",
          "Page requests held in the SMMU while one is written; then the link must hold them.",
          "A: assumed");
}

void ats_params::describe(describe::visitor& v) {
  v.field("itags", itags, {1, 32}, "itags", "Invalidate Requests under way to one function.",
          "T: PCIe 10.3, 32 ITags");
  v.field("outstanding", outstanding, {1, 65536}, "messages",
          "Invalidate Requests under way to all functions together.", "A: assumed");
  v.field("timeout", timeout, base::us(1), base::us(100'000'000),
          "An Invalidate Request not answered by then has failed.",
          "A: assumed; PCIe lets a device take about 90 s");
}

void broadcast_params::describe(describe::visitor& v) {
  v.field("latency", latency, base::ns(0), base::us(10),
          "A message of the CPUs until the SMMU has it, and an answer back.", "A: a mesh crossing");
  v.field("pending", pending, {1, 4096}, "messages",
          "Broadcasts held in the SMMU while one is carried out.", "A: assumed");
}

void control_params::describe(describe::visitor& v) {
  v.field("transition", transition, base::ns(0), base::us(100),
          "From a write of CR0 or GBPA until it has taken effect, at the earliest.",
          "A: assumed; IHI 0070 6.3.9 says finite");
}

}  // namespace svasim::smmu
