// Main memory: channels with a bandwidth each, banks that are busy for a row cycle, a fixed access
// time besides. First come, first served within a bank and a channel. Addresses interleave over
// channels every `interleave` bytes and then over banks.
//
// Its one initiator, the system-level cache, calls in order of arrival with a constant annotation,
// so the end of an access is known at the call: it is answered at once (TLM_COMPLETED) with the
// time annotated.
//
// Leaves out: refresh, row-buffer hits, read/write turnaround, rank and bank-group rules.
#pragma once

#include <tlm_utils/passthrough_target_socket.h>
#include <tlm>
#include <vector>

#include "base/sparse_memory.h"
#include "describe/visitor.h"
#include "stats/counter.h"
#include "stats/histogram.h"
#include "tlm/kit/dma_extension.h"
#include "tlm/kit/time.h"

namespace svasim::memory {

struct dram_params {
  base::duration access = base::ns(110);
  base::duration bank_cycle = base::ns(48);
  std::uint32_t channels = 8;
  std::uint32_t banks = 32;
  base::byte_rate channel_rate = base::byte_rate(38400000000);
  base::byte_size interleave = base::bytes(256);
  void describe(describe::visitor& v);
};

struct dram_stats : stats::group {
  explicit dram_stats(stats::group* parent) : group(parent, "dram") {}
  stats::counter reads{this, "reads", "requests", "Read accesses."};
  stats::counter writes{this, "writes", "requests", "Write accesses."};
  stats::counter bytes{this, "bytes", "bytes", "Data moved on all channels."};
  stats::counter busy{this, "channel_busy", "ps", "Time of data transfer, summed over channels."};
  stats::counter waited{this, "waited", "ps", "Time requests waited for bank or channel."};
};

class dram final : public sc_core::sc_module {
 public:
  /// `bytes` must outlive the module.
  dram(sc_core::sc_module_name name, const dram_params& params, base::sparse_memory& bytes,
       stats::group* parent);

  tlm_utils::passthrough_target_socket<dram> from_cache;

 private:
  using payload = tlm::tlm_generic_payload;
  using duration = base::duration;

  tlm::tlm_sync_enum request(payload& p, tlm::tlm_phase& phase, sc_core::sc_time& t);
  void blocking(payload& p, sc_core::sc_time& t);
  /// Reserve bank and channel from `arrival` on; the start of the access and its end.
  std::pair<duration, duration> schedule(std::uint64_t address, std::uint32_t length,
                                         duration arrival);

  const dram_params m_params;
  base::sparse_memory& m_bytes;
  dram_stats m_stats;
  std::vector<duration> m_bank_free;  // by channel, bank
  std::vector<duration> m_channel_free;
};

/// Move the bytes of a payload to or from memory, unless they carry no meaning.
void copy_data(tlm::tlm_generic_payload& p, base::sparse_memory& bytes);

}  // namespace svasim::memory
