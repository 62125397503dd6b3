// A whole SMMU with two more command queues of one kind, each with a ring of four commands.
#pragma once

#include <array>
#include <memory>

#include "ats_bench.h"

namespace svasim::test {

template <class Queue>
struct queues_bench {
  using maker = std::function<std::unique_ptr<Queue>(smmu_bench&, unsigned)>;

  explicit queues_bench(const maker& make)
      : smmu(small_smmu(), [this, &make](smmu_bench& b) {
          for (unsigned n = 0; n < 2; ++n) {
            queue[n] = make(b, n);
            queue[n]->to_memory.bind(memory[n].socket);
            memory[n].bytes = &b.bytes;
            memory[n].latency = smmu_bench::latency;
          }
          b.engine.connect_devices(side.ats);
          b.regs.caps.ats = true;
        }) {}

  static base::pa ring(unsigned n) { return base::pa(0x14000000 + 0x100000ull * n); }
  /// Write a command at PROD of queue `n`; the SMMU is not told.
  void put(unsigned n, const arch::command& c) {
    const arch::command_words words = arch::encode(c);
    smmu.bytes.write(ring(n) + written[n]++ % 4 * 16ull, words.data(), 16);
  }
  void put(unsigned n, arch::opcode op) {
    arch::command c;
    c.op = op;
    put(n, c);
  }

  ats_side side{smmu::ats_params{}};
  std::array<scripted_target, 2> memory{scripted_target{"memory0"}, scripted_target{"memory1"}};
  std::array<std::unique_ptr<Queue>, 2> queue;
  std::array<std::uint32_t, 2> written{};
  smmu_bench smmu;  // last: it starts the time
};

}  // namespace svasim::test
