// Table walks of the TCU: one thread for each walk slot, reading stream table, context descriptors
// and translation tables through a socket. arch::translation_walk says what is read next; this
// module says when, keeps the walk caches, and notes each read in the stage log of the transaction
// that waits.
//
// A walk that was overtaken by an invalidation finishes for those that wait, but enters no cache.
//
// A hardware update of a descriptor (IHI 0070 3.13) is a read and, where the descriptor is as
// expected, a write; updates of one descriptor by several walks come one after the other.
//
// A walk may need a step before each descriptor read and at the start of each stage, which one walk
// at a time can take (gem5: one walk step a cycle, prior-art 2).
//
// Leaves out: several reads of one walk at a time, software that writes a descriptor between the
// two halves of its update. Level -1 is counted with level 0.
#pragma once

#include <tlm_utils/simple_initiator_socket.h>
#include <functional>
#include <memory>
#include <tlm>
#include <vector>

#include "arch/walk.h"
#include "stats/counter.h"
#include "stats/occupancy.h"
#include "tlm/kit/payload_pool.h"
#include "tlm/kit/ports.h"
#include "tlm/kit/time.h"
#include "tlm/smmu/ipa_cache.h"
#include "tlm/smmu/tcu_params.h"
#include "tlm/smmu/walk_cache.h"
#include "uarch/ring_fifo.h"

namespace svasim::smmu {

struct walker_stats : stats::group {
  explicit walker_stats(stats::group* parent);
  stats::counter walks{this, "walks", "walks", "Walks finished."};
  stats::counter config_reads{this, "config_reads", "reads", "Reads of L1STD, STE, L1CD, CD."};
  std::array<std::unique_ptr<stats::counter>, 4> s1_reads;  ///< by level
  std::array<std::unique_ptr<stats::counter>, 4> s2_reads;
  stats::counter updates{this, "updates", "updates",
                         "Hardware updates of access flag or dirty state."};
  stats::counter stale{this, "stale", "walks", "Walks overtaken by an invalidation."};
  stats::occupancy slots{this, "slots", "slots", "Walk slots in use."};
  std::uint64_t descriptor_reads() const;
};

class walker final : public sc_core::sc_module {
 public:
  using payload = tlm::tlm_generic_payload;

  /// A translation that needs memory.
  struct job {
    payload* request = nullptr;
    base::duration ready;      ///< the walk may start then
    bool config_only = false;  ///< nothing but STE and CD is wanted (PREFETCH_CONFIG)
    bool has_config = false, has_ste = false, has_cd = false;
    arch::decoded_config config;  ///< with has_config
    arch::structure_words ste;    ///< with has_ste
    arch::structure_words cd;     ///< with has_cd

    job() = default;
    job(const job& o) { *this = o; }
    /// Copies what there is.
    job& operator=(const job& o) {
      request = o.request;
      ready = o.ready;
      config_only = o.config_only;
      if ((has_config = o.has_config)) config = o.config;
      if ((has_ste = o.has_ste)) ste = o.ste;
      if ((has_cd = o.has_cd)) cd = o.cd;
      return *this;
    }
  };
  /// `cycle`: of the SMMU's clock, a read each. `regs` must outlive the module and not change while
  /// walks are under way.
  walker(sc_core::sc_module_name name, const tcu_params& params, base::duration cycle,
         const arch::register_view& regs, stats::group* parent);

  tlm_utils::simple_initiator_socket<walker> to_memory;

  /// A slot is free and none waits for it.
  bool idle_slot() const { return !m_idle.empty(); }
  /// Start a walk in an idle slot.
  void start(const job& j);
  /// Nothing that is being walked may enter a cache any more.
  void overtake_walks();
  void overtake_configs();

  /// The walk of `request` has its answer at `at`; `stale`: caches must not keep it. Returns the
  /// next job for the slot, if one waits.
  std::function<const job*(payload& request, const arch::translation_result& result,
                           const arch::decoded_config& config, base::duration at, bool stale)>
      on_done;
  /// STE and CD are known.
  std::function<void(const arch::config_key& key, const arch::decoded_config& config)> on_config;
  /// The words of an STE or CD (`kind`) were read.
  std::function<void(arch::fetch_kind kind, const arch::config_key& key,
                     const arch::structure_words& words)>
      on_structure;
  /// Sees each read before it is made; empty when off.
  std::function<void(const arch::fetch_request&)> on_fetch;

  walk_cache& cache() { return m_cache; }
  const walker_stats& statistics() const { return m_stats; }
  const walk_cache& cache() const { return m_cache; }
  ipa_cache& ipas() { return m_ipas; }
  const ipa_cache& ipas() const { return m_ipas; }

 private:
  using duration = base::duration;
  struct slot {
    explicit slot(const char* name) : wake(name) {}
    sc_core::sc_event wake;
    job current;
    arch::translation_walk walk;
    arch::config_key key;
    duration at;  // how far this walk has come
    bool stale = false;
    bool config_stale = false;
    bool config_phase = false;  // reading STE and CD
    bool busy = false;
    bool updating = false;  // the descriptor at walk.fetch().address
  };

  void run(unsigned index);
  void walk(slot& s);
  bool cached(const slot& s, arch::stage stage) const;
  bool use_ipa_cache(slot& s);
  void begin_stage(slot& s);
  void take_step(slot& s);
  void note_structure(const slot& s, const std::uint64_t* words);
  void fetch(slot& s);
  void update(slot& s);
  bool is_updated(base::pa descriptor) const;
  payload& access(slot& s, tlm::tlm_command command, const void* data);
  kit::stage note_fetch(const slot& s, const arch::fetch_request& f);
  kit::stage walk_stage(const slot& s, const arch::fetch_request& f) const;
  void send(payload& p, slot& s);
  void offer(payload& p, slot& s);
  void offer_waiting();
  void arm_port();
  tlm::tlm_sync_enum response(payload& p, tlm::tlm_phase& phase, sc_core::sc_time& t);

  const tcu_params m_params;
  const duration m_cycle;
  const arch::register_view& m_regs;
  walker_stats m_stats;
  walk_cache m_cache;
  ipa_cache m_ipas;
  kit::ports m_step{1};
  kit::payload_pool m_pool;
  std::vector<std::unique_ptr<slot>> m_slots;
  std::vector<unsigned> m_idle;
  payload* m_offered = nullptr;
  uarch::ring_fifo<payload*>
      m_waiting;  // for the port, or for the interconnect to take the one before
  sc_core::sc_event m_port_due;
  sc_core::sc_event m_updated;
  duration m_port_free;
};

}  // namespace svasim::smmu
