// TBU, TCU and walker over hand-made tables; every read of the SMMU takes the same time.
#pragma once

#include "tlm/smmu/smmu_params.h"
#include "tlm/smmu/tbu.h"
#include "tlm/smmu/tcu.h"
#include "tlm/smmu/walker.h"
#include "validate/hand_tables.h"
#include "validate/peers.h"

namespace svasim::validate {

struct walk_bench {
  /// `read`: round trip of one read, from its leaving the SMMU.
  walk_bench(const smmu::smmu_params& p, const table_shapes& shapes, base::duration read)
      : tables(bytes, shapes),
        regs(tables.registers()),
        walker("walker", p.tcu, period(p.tbu.clock), regs, &root),
        tcu("tcu", p.tcu, p.tbu, 1, regs, walker, &root),
        tbu("tbu", p.tbu, &root) {
    port.socket.bind(tbu.from_root_complex);
    tbu.to_tcu.bind(tcu.from_tbu[0]);
    tbu.to_interconnect.bind(memory.socket);
    walker.to_memory.bind(walk_memory.socket);
    walk_memory.bytes = &bytes;
    walk_memory.latency = read;
    run_until(base::us(1));
  }
  /// From the TBU's taking of a read of `address` to its output at the interconnect; kit::never
  /// where it does not come there.
  base::duration translation_time(std::uint64_t address) {
    const std::uint64_t before = memory.requests;
    const base::duration start = kit::now();
    port.read(address, 64, base::stream_id(hand_tables::sid));
    run_dry();
    run_until(kit::now() + base::us(1));
    return memory.requests == before ? kit::never : memory.last - start;
  }
  std::uint64_t reads() const { return walk_memory.requests; }

  base::sparse_memory bytes;
  hand_tables tables;
  arch::register_view regs;
  stats::group root{"bench"};
  requester port{"port"};
  smmu::walker walker;
  smmu::tcu tcu;
  smmu::tbu tbu;
  flat_memory memory{"memory"}, walk_memory{"walk_memory"};
};

}  // namespace svasim::validate
