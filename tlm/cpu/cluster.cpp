#include "tlm/cpu/cluster.h"

#include <cstring>
#include <stdexcept>

namespace svasim::cpu {

using base::duration;
using kit::extension_of;
using kit::now;
using kit::to_sc;

void cluster_params::describe(describe::visitor& v) {
  v.field("cores", cores, {1, 512}, "cores", "Cores.", "A: those that serve faults");
  v.field("clock", clock, base::mhz(100), base::mhz(10000), "Clock of the cores.",
          "M: Neoverse N2 2.75 GHz, measurements 6");
  v.group("scheduling", scheduling, "What the host kernel's scheduler costs.");
  v.group("tlb", tlb, "TLBs of each core.");
  v.group("l2", l2, "Private second-level cache of each core.");
  v.field("mmio_read", mmio_read, base::ns(0), base::us(10),
          "A register read, there and back, without what the device takes.",
          "A: share of the 190 ns of measurements 4.1");
  v.field("mmio_write", mmio_write, base::ns(0), base::us(10),
          "A register write until the device has it.",
          "A: share of the 190 ns of measurements 4.1");
  v.field("broadcast", broadcast, base::ns(0), base::us(100),
          "Broadcast TLB invalidation and DSB, without what the SMMU takes (t_dvm).", "A: assumed");
  v.field("background_percent", background_percent, {0, 95}, "%",
          "Load of each core by other threads of normal priority.", "A: none");
  v.field("background_burst", background_burst, base::us(1), base::us(1000000),
          "How long the background load runs at a time.", "A: assumed");
  v.field("background_seed", background_seed, {0, ~std::uint64_t{0}}, "",
          "Seed of the times at which background bursts begin.", "A: assumed");
}

cpu_time_stats::cpu_time_stats(stats::group* parent) : group(parent, "cpu_time") {
  static constexpr const char* names[] = {"dev", "rc", "smmu", "hk", "vmm", "vcpu", "gk"};
  for (std::size_t i = 0; i < m_of.size(); ++i) {
    m_of[i] = std::make_unique<stats::counter>(
        this, names[i], "ps",
        std::string("Used by ") + kit::to_string(static_cast<kit::actor>(i)) + ".");
  }
}

// Simulated time is the time of a core.
class cluster::core final : public time_source {
 public:
  explicit core(cpu_time_stats& time)
      : answered(sc_core::sc_gen_unique_name("answered")),
        m_time(time),
        m_poked(sc_core::sc_gen_unique_name("poked")) {}

  /// Of the DVM Sync that a thread here waits for.
  sc_core::sc_event answered;
  bool synced = true;

  duration use(duration cost, kit::actor who) override {
    const duration start = now();
    sc_core::wait(to_sc(cost), m_poked);
    const duration used = now() - start;
    account(used, who);
    return cost - used;
  }
  void hold(duration cost, kit::actor who) override {
    sc_core::wait(to_sc(cost));
    account(cost, who);
  }
  void enter() override {}
  void poke() override { m_poked.notify(sc_core::SC_ZERO_TIME); }
  bool start() override { return true; }
  void stop() override {}
  void account(duration used, kit::actor who) {
    (who == kit::actor::count ? m_time.background : m_time.of(who)) += used.value();
  }

 private:
  cpu_time_stats& m_time;
  sc_core::sc_event m_poked;
};

cluster::cluster(sc_core::sc_module_name name, const cluster_params& params,
                 base::sparse_memory& bytes, stats::group* parent)
    : sc_module(name),
      scheduler(params.scheduling, parent, basename()),
      to_memory("to_memory"),
      to_registers("to_registers"),
      m_params(params),
      m_bytes(bytes),
      m_time(&group()),
      m_stats(&group()) {
  std::vector<stats::group*> groups;
  for (unsigned i = 0; i < params.cores; ++i) {
    m_cores.push_back(std::make_unique<core>(m_time));
    groups.push_back(&add_processor(*m_cores.back()).group());
  }
  m_tlbs = std::make_unique<core_tlbs>(params.tlb, groups);
  m_caches = std::make_unique<core_caches>(params.l2, groups);
  for (unsigned i = 0; i < params.cores && params.background_percent != 0; ++i) add_background(i);
}

cluster::~cluster() = default;

// Bursts become due at random, the share of time being what was asked for; those that could not run
// are made up for.
void cluster::add_background(unsigned index) {
  kit::task_options options;
  options.name = "background/" + std::to_string(index);
  options.who = kit::actor::count;
  options.cpu = index;
  spawn(options, [this, index](kit::task& t) {
    base::rng random(m_params.background_seed * 512 + index);
    const duration burst = m_params.background_burst;
    const std::uint64_t period = burst.value() * 100 / m_params.background_percent;
    duration due;
    for (;;) {
      due += duration(random.below(2 * period + 1));
      if (now() < due) {
        static_cast<thread&>(t).leave();
        sc_core::wait(to_sc(due - now()));
      }
      t.compute(burst);
    }
  });
}

void cluster::account(thread& t, duration used) {
  m_cores[t.processor().index()]->account(used, t.who());
  t.spent(used);
}

void cluster::access(thread& t, bool write, std::uint64_t address, void* data, std::uint32_t n) {
  const bool user = t.who() == kit::actor::vmm;
  access_in(t, user ? core_tlbs::user_space : core_tlbs::kernel_space, address, write,
            base::pa(address), data, n);
}

void cluster::guest_access(thread& t, unsigned space, std::uint64_t ipa, bool write, base::pa at,
                           void* data, std::uint32_t n) {
  t.acquire();
  access_in(t, space, ipa, write, at, data, n);
}

void cluster::access_in(thread& t, unsigned space, std::uint64_t virtual_at, bool write,
                        base::pa at, void* data, std::uint32_t n) {
  constexpr std::uint64_t line = 1u << core_caches::line_shift;
  if (n == 0 || n > line || at.offset(core_caches::line_shift) + n > line) {
    throw std::logic_error(t.name() + ": an access must lie in one 64-byte line");
  }
  (write ? m_stats.writes : m_stats.reads) += 1;
  const duration start = now();
  if (m_params.tlb.enabled) translate(t, space, virtual_at);
  cached(t, write, at, data, n);
  if (write && on_write) on_write(at);
  m_stats.memory_time.add(now() - start);
}

// The thread keeps its core until the page is in the TLBs of that.
void cluster::translate(thread& t, unsigned space, std::uint64_t address) {
  const unsigned index = t.processor().index();
  const core_tlbs::found where = m_tlbs->lookup(index, space, address);
  if (where == core_tlbs::found::first) return;
  if (m_params.tlb.l2.entries != 0) {
    t.hold(base::period(m_params.clock) * m_params.tlb.l2.hit_cycles);
  }
  if (where == core_tlbs::found::second) return;
  const core_tlbs::walk w = m_tlbs->begin_walk(index, space, address);
  std::uint64_t descriptor = 0;
  for (unsigned i = 0; i < w.count; ++i)
    cached(t, false, w.reads[i], &descriptor, sizeof descriptor);
  m_tlbs->enter(index, space, address, w);
}

// Through the core's cache.
void cluster::cached(thread& t, bool write, base::pa at, void* data, std::uint32_t n) {
  if (!m_caches->access(t.processor().index(), write, at)) {
    through(t, write, at.value(), data, n);
    return;
  }
  if (write) {
    m_bytes.write(at, data, n);
  } else {
    m_bytes.read(at, data, n);
  }
  t.hold(base::period(m_params.clock) * m_params.l2.hit_cycles);
}

void cluster::through(thread& t, bool write, std::uint64_t address, void* data, std::uint32_t n) {
  tlm::tlm_generic_payload& p =
      m_pool.take(write ? tlm::TLM_WRITE_COMMAND : tlm::TLM_READ_COMMAND, address, n);
  extension_of(p).kind = kit::traffic::cpu;
  extension_of(p).log = nullptr;
  if (write) std::memcpy(p.get_data_ptr(), data, n);
  const duration start = now();
  sc_core::sc_time delay;
  to_memory->b_transport(p, delay);
  sc_core::wait(delay);
  account(t, now() - start);
  if (p.is_response_error()) m_stats.errors += 1;
  if (!write) std::memcpy(data, p.get_data_ptr(), n);
  p.release();
}

std::uint32_t cluster::device_access(thread& t, bool write, std::uint64_t address,
                                     std::uint32_t value) {
  (write ? m_stats.register_writes : m_stats.register_reads) += 1;
  tlm::tlm_generic_payload& p =
      m_pool.take(write ? tlm::TLM_WRITE_COMMAND : tlm::TLM_READ_COMMAND, address, sizeof value);
  extension_of(p).kind = kit::traffic::cpu;
  extension_of(p).log = nullptr;
  if (!write) value = 0;
  std::memcpy(p.get_data_ptr(), &value, sizeof value);
  const duration start = now();
  sc_core::wait(to_sc(write ? m_params.mmio_write : m_params.mmio_read));
  sc_core::sc_time delay;
  to_registers->b_transport(p, delay);
  sc_core::wait(delay);
  account(t, now() - start);
  if (p.is_response_error()) m_stats.errors += 1;
  std::memcpy(&value, p.get_data_ptr(), sizeof value);
  p.release();
  return value;
}

void cluster::invalidate(const arch::command& tlbi) {
  if (m_params.tlb.enabled) m_tlbs->invalidate(tlbi);
}

void cluster::broadcast(kit::task& task, const arch::command& tlbi) {
  thread& t = own(task);
  t.acquire();
  m_stats.broadcasts += 1;
  t.hold(m_params.broadcast);
  invalidate(tlbi);
  if (on_tlbi) on_tlbi(tlbi);
  if (!on_broadcast) return;
  const duration start = now();
  core& c = *m_cores[t.processor().index()];
  c.synced = false;
  on_broadcast(tlbi, [&c] {
    c.synced = true;
    c.answered.notify(sc_core::SC_ZERO_TIME);
  });
  while (!c.synced) sc_core::wait(c.answered);
  account(t, now() - start);
}

}  // namespace svasim::cpu
