#include "tlm/smmu/walker.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstring>
#include <stdexcept>

#include "tlm/smmu/stream_keys.h"

namespace svasim::smmu {

using arch::fetch_kind;
using kit::enter_stage;
using kit::extension_of;
using kit::from_sc;
using kit::later;
using kit::now;
using kit::stage;
using kit::to_sc;
using step = arch::translation_walk::step;

walker_stats::walker_stats(stats::group* parent) : group(parent, "walker") {
  for (unsigned level = 0; level < 4; ++level) {
    s1_reads[level] = std::make_unique<stats::counter>(
        this, fmt::format("s1_l{}_reads", level), "reads",
        fmt::format("Stage-1 descriptors read at level {}.", level));
    s2_reads[level] = std::make_unique<stats::counter>(
        this, fmt::format("s2_l{}_reads", level), "reads",
        fmt::format("Stage-2 descriptors read at level {}.", level));
  }
}

std::uint64_t walker_stats::descriptor_reads() const {
  std::uint64_t n = 0;
  for (unsigned level = 0; level < 4; ++level)
    n += s1_reads[level]->value() + s2_reads[level]->value();
  return n;
}

walker::walker(sc_core::sc_module_name name, const tcu_params& params, base::duration cycle,
               const arch::register_view& regs, stats::group* parent)
    : sc_module(name),
      to_memory("to_memory"),
      m_params(params),
      m_cycle(cycle),
      m_regs(regs),
      m_stats(parent),
      m_cache(params.walk_cache, parent),
      m_ipas(params.ipa_cache, parent),
      m_waiting(params.walk_slots),
      m_port_due("port_due") {
  to_memory.register_nb_transport_bw(this, &walker::response);
  SC_HAS_PROCESS(walker);
  SC_METHOD(offer_waiting);
  sensitive << m_port_due;
  dont_initialize();
  for (unsigned i = 0; i < params.walk_slots; ++i) {
    m_slots.push_back(std::make_unique<slot>(fmt::format("wake_{}", i).c_str()));
    m_idle.push_back(params.walk_slots - 1 - i);
    sc_core::sc_spawn_options options;
    options.set_stack_size(64 * 1024);
    sc_core::sc_spawn([this, i] { run(i); }, fmt::format("slot_{}", i).c_str(), &options);
  }
}

void walker::start(const job& j) {
  const unsigned index = m_idle.back();
  m_idle.pop_back();
  slot& s = *m_slots[index];
  s.current = j;
  s.busy = true;
  s.stale = s.config_stale = false;
  m_stats.slots.change(now(), 1);
  s.wake.notify();  // at once: the walk starts with its time annotated
}

void walker::run(unsigned index) {
  slot& s = *m_slots[index];
  for (;;) {
    sc_core::wait(s.wake);
    for (;;) {
      walk(s);
      m_stats.walks += 1;
      m_stats.stale += s.stale;
      const job* next =
          on_done(*s.current.request, s.walk.result(), s.walk.config(), s.at, s.stale);
      if (next == nullptr) break;
      s.current = *next;
      s.stale = s.config_stale = false;
    }
    s.busy = false;
    m_idle.push_back(index);
    m_stats.slots.change(now(), -1);
  }
}

// One translation from its start to its result.
void walker::walk(slot& s) {
  const arch::access_request access = access_of(*s.current.request);
  s.at = later(now(), s.current.ready);
  s.key = access.key();
  s.walk.start(m_regs, access);
  s.config_phase = !s.current.has_config;
  if (s.current.has_config) s.walk.use_config(s.current.config);
  s.walk.use_structures(s.current.has_ste ? &s.current.ste : nullptr,
                        s.current.has_cd ? &s.current.cd : nullptr);
  for (;;) {
    switch (s.walk.next()) {
      case step::fetch:
        fetch(s);
        break;
      case step::configured:
        s.config_phase = false;
        if (!s.config_stale) on_config(s.key, s.walk.config());
        if (s.current.config_only) return;
        break;
      case step::begin_stage:
        begin_stage(s);
        break;
      case step::table:
        if (!s.stale && cached(s, s.walk.table().stage)) {
          m_cache.insert(s.walk.table(), s.walk.config(), s.key);
        }
        break;
      case step::stage2_leaf:
        if (!s.stale && m_ipas.present()) {
          m_ipas.fill(s.walk.stage2_leaf(), s.walk.config().vmid);
        }
        break;
      case step::update:
        update(s);
        break;
      case step::done:
        return;
    }
  }
}

bool walker::cached(const slot& s, arch::stage stage) const {
  return m_cache.applies(stage, s.walk.begin().purpose, s.walk.config());
}

// True where the walk of stage 2 is not needed.
bool walker::use_ipa_cache(slot& s) {
  const arch::stage_request& begin = s.walk.begin();
  if (begin.stage != arch::stage::s2 || !m_ipas.present()) return false;
  if (m_params.ipa_cache.ports != 0 && s.at > now()) sc_core::wait(to_sc(s.at - now()));
  enter_stage(extension_of(*s.current.request), stage::tcu_walk_cache, s.at);
  const auto* const leaf = m_ipas.lookup(begin.address, s.walk.config().vmid, s.at);
  return leaf != nullptr && s.walk.use_stage2(*leaf);
}

void walker::begin_stage(slot& s) {
  if (use_ipa_cache(s)) return;
  const arch::stage_request& begin = s.walk.begin();
  // A walk that begins at its leaf goes through no table.
  if (begin.start_level < static_cast<int>(walk_cache::levels) && cached(s, begin.stage)) {
    if (m_params.walk_cache.ports != 0 && s.at > now()) sc_core::wait(to_sc(s.at - now()));
    enter_stage(extension_of(*s.current.request), stage::tcu_walk_cache, s.at);
    const walk_cache::found f = m_cache.lookup(begin, s.walk.config(), s.key, s.at);
    s.at = f.done;
    if (f.table != nullptr) s.walk.resume_at(*f.table);
  }
  take_step(s);
}

// Steps of other walks come first where they are ready first, so this one waits for its time.
void walker::take_step(slot& s) {
  if (m_params.walk_step == duration()) return;
  if (s.at > now()) sc_core::wait(to_sc(s.at - now()));
  enter_stage(extension_of(*s.current.request), stage::tcu_walk_step, s.at);
  s.at = m_step.take(s.at, m_params.walk_step) + m_params.walk_step;
}

kit::stage walker::note_fetch(const slot& s, const arch::fetch_request& f) {
  const auto level = static_cast<unsigned>(f.level < 0 ? 0 : f.level);
  switch (f.kind) {
    case fetch_kind::l1std:
    case fetch_kind::ste:
    case fetch_kind::l1cd:
    case fetch_kind::cd:
      m_stats.config_reads += 1;
      return stage::config_fetch;
    case fetch_kind::s1_descriptor:
      *m_stats.s1_reads[level] += 1;
      break;
    case fetch_kind::s2_descriptor:
      *m_stats.s2_reads[level] += 1;
      break;
  }
  return walk_stage(s, f);
}

kit::stage walker::walk_stage(const slot& s, const arch::fetch_request& f) const {
  const bool s2 = f.kind == fetch_kind::s2_descriptor;
  const auto level = static_cast<unsigned>(f.level < 0 ? 0 : f.level);
  return s2 && s.config_phase ? stage::config_stage2 : kit::walk_stage(s2 ? 2 : 1, level);
}

// Send what the walk asks for next and wait for it; the caller releases the payload.
walker::payload& walker::access(slot& s, tlm::tlm_command command, const void* data) {
  const arch::fetch_request& f = s.walk.fetch();
  payload& p = m_pool.take(command, f.address.value(), f.size);
  kit::dma_extension& ext = extension_of(p);
  ext.kind = kit::traffic::table_walk;
  ext.log = nullptr;
  ext.context = &s;
  if (data != nullptr) std::memcpy(p.get_data_ptr(), data, f.size);
  send(p, s);
  sc_core::wait(s.wake);
  s.at = now();
  return p;
}

void walker::fetch(slot& s) {
  const arch::fetch_request& f = s.walk.fetch();
  if (on_fetch) on_fetch(f);
  if (f.kind == fetch_kind::s1_descriptor || f.kind == fetch_kind::s2_descriptor) take_step(s);
  enter_stage(extension_of(*s.current.request), note_fetch(s, f), s.at);
  s.at += m_params.read_issue;
  payload& p = access(s, tlm::TLM_READ_COMMAND, nullptr);
  if (p.is_response_ok()) {
    const auto* const words = reinterpret_cast<const std::uint64_t*>(p.get_data_ptr());
    if (f.size == sizeof(arch::structure_words)) note_structure(s, words);
    s.walk.supply(words);
  } else {
    s.walk.supply_abort();
  }
  p.release();
}

// STE and CD are kept as they are, valid or not (5.2.1).
void walker::note_structure(const slot& s, const std::uint64_t* words) {
  if (s.config_stale || !on_structure) return;
  arch::structure_words all;
  std::copy(words, words + all.size(), all.begin());
  on_structure(s.walk.fetch().kind, s.key, all);
}

bool walker::is_updated(base::pa descriptor) const {
  for (const auto& s : m_slots) {
    if (s->updating && s->walk.fetch().address == descriptor) return true;
  }
  return false;
}

// Compare and swap; its time counts like a read of the descriptor.
void walker::update(slot& s) {
  m_stats.updates += 1;
  while (is_updated(s.walk.fetch().address)) sc_core::wait(m_updated);
  s.at = later(s.at, now());
  enter_stage(extension_of(*s.current.request), walk_stage(s, s.walk.fetch()), s.at);
  s.updating = true;
  payload& read = access(s, tlm::TLM_READ_COMMAND, nullptr);
  bool ok = read.is_response_ok();
  std::uint64_t found = 0;
  std::memcpy(&found, read.get_data_ptr(), sizeof found);
  read.release();
  const arch::descriptor_update& u = s.walk.update();
  if (ok && found == u.expected) {
    payload& write = access(s, tlm::TLM_WRITE_COMMAND, &u.desired);
    ok = write.is_response_ok();
    write.release();
  }
  s.updating = false;
  m_updated.notify();
  ok ? s.walk.supply_update(found) : s.walk.supply_abort();
}

// One read a cycle leaves the port; while the interconnect does not take one, the others wait. A
// read that finds the port busy waits here: what is handed over early would stand before others in
// the memory system.
void walker::send(payload& p, slot& s) {
  if (m_offered == nullptr && m_waiting.empty() && m_port_free <= later(s.at, now())) {
    return offer(p, s);
  }
  if (!m_waiting.push(&p)) throw std::logic_error("more walk reads than walk slots");
  if (m_offered == nullptr) arm_port();
}

void walker::arm_port() {
  m_port_due.notify(to_sc(later(m_port_free, now()) - now()));
}

void walker::offer(payload& p, slot& s) {
  const duration start = later(s.at, m_port_free);
  m_port_free = start + m_cycle;
  tlm::tlm_phase phase = tlm::BEGIN_REQ;
  sc_core::sc_time t = to_sc(start - now());
  if (to_memory->nb_transport_fw(p, phase, t) == tlm::TLM_COMPLETED) {
    s.wake.notify(t);
  } else {
    m_offered = &p;
  }
}

void walker::offer_waiting() {
  if (m_offered != nullptr || m_waiting.empty()) return;
  payload& p = *m_waiting.pop();
  slot& s = *static_cast<slot*>(extension_of(p).context);
  s.at = later(s.at, now());
  offer(p, s);
  if (m_offered == nullptr && !m_waiting.empty()) arm_port();
}

// The answer to a read that the interconnect had not taken at once.
tlm::tlm_sync_enum walker::response(payload& p, tlm::tlm_phase&, sc_core::sc_time& t) {
  m_offered = nullptr;
  static_cast<slot*>(extension_of(p).context)->wake.notify(t);
  if (!m_waiting.empty()) arm_port();
  return tlm::TLM_COMPLETED;
}

void walker::overtake_walks() {
  for (auto& s : m_slots) s->stale = s->busy;
}

void walker::overtake_configs() {
  for (auto& s : m_slots) s->stale = s->config_stale = s->busy;
}

}  // namespace svasim::smmu
