// An SMMU with unbounded caches of every kind and no time: the most stale answers the invalidation
// rules allow. What it gets wrong is a scope that removes too little, or a shortcut into a walk
// that is not one.
#pragma once

#include <algorithm>
#include <cstdint>
#include <utility>
#include <vector>

#include "arch/command.h"
#include "arch/invalidation.h"
#include "arch/walk.h"

namespace svasim::oracle {

class cached_smmu {
 public:
  explicit cached_smmu(const arch::registers& regs) : m_regs(regs) {}

  template <class Reader>
  arch::translation_result translate(Reader&& read, const arch::access_request& request) {
    using step = arch::translation_walk::step;
    const arch::decoded_config* config = m_regs.enabled ? find_config(request.key()) : nullptr;
    if (config != nullptr) {
      if (const arch::translation* entry = find_entry(*config, request.address)) {
        ++m_hits;
        return arch::hit(*entry, *config, m_regs, request);
      }
    }
    arch::translation_walk walk;
    walk.start(m_regs, request);
    if (config != nullptr) {
      const arch::decoded_config copy = *config;
      walk.use_config(copy);
    }
    for (;;) {
      switch (walk.next()) {
        case step::fetch: {
          std::uint64_t words[8];
          read(walk.fetch(), words) ? walk.supply(words) : walk.supply_abort();
          break;
        }
        case step::configured:
          m_configs.emplace_back(request.key(), walk.config());
          break;
        case step::begin_stage:
          shortcut(walk);
          break;
        case step::table:
          m_tables.push_back({arch::tag_of(walk.table(), walk.config()), walk.table()});
          break;
        case step::stage2_leaf:
          m_ipas.emplace_back(walk.config().vmid, walk.stage2_leaf());
          break;
        case step::update:
          walk.supply_update(walk.update().expected);
          break;
        case step::done:
          if (walk.result().outcome == arch::outcome::ok && is_cacheable(walk.result().entry)) {
            m_entries.push_back(walk.result().entry);
          }
          return walk.result();
      }
    }
  }

  /// A legal command, effective at once.
  void execute(const arch::command& c) {
    const arch::invalidation scope(c, m_regs.caps);
    remove(m_configs, [&](const auto& e) { return scope.covers(e.first); });
    remove(m_entries, [&](const auto& e) { return scope.covers(arch::tag_of(e)); });
    remove(m_tables, [&](const auto& e) { return scope.covers(e.first); });
    remove(m_ipas, [&](const auto& e) { return scope.covers(arch::tag_of(e.second, e.first)); });
  }

  const arch::register_view& regs() const { return m_regs; }
  std::uint64_t hits() const { return m_hits; }
  std::uint64_t resumed() const { return m_resumed; }

 private:
  static bool is_cacheable(const arch::translation& t) {
    return t.kind != arch::translation_kind::bypass && t.kind != arch::translation_kind::disabled;
  }
  template <class Entries, class Predicate>
  static void remove(Entries& entries, Predicate covered) {
    entries.erase(std::remove_if(entries.begin(), entries.end(), covered), entries.end());
  }

  const arch::decoded_config* find_config(const arch::config_key& key) const {
    const auto it = std::find_if(m_configs.begin(), m_configs.end(),
                                 [&](const auto& e) { return e.first == key; });
    return it == m_configs.end() ? nullptr : &it->second;
  }

  const arch::translation* find_entry(const arch::decoded_config& c, std::uint64_t address) const {
    if (c.action != arch::config_action::translate) {
      return nullptr;
    }
    using arch::translation_kind;
    const auto kind = c.s1_on && c.s2_on ? translation_kind::nested
                      : c.s1_on          ? translation_kind::s1
                                         : translation_kind::s2;
    for (const auto& e : m_entries) {
      const bool space = kind == translation_kind::s2 || e.global || e.asid == c.asid;
      if (e.kind == kind && e.world == c.world && e.vmid == c.vmid && space &&
          e.contains(c.lookup_address(address))) {
        return &e;
      }
    }
    return nullptr;
  }

  /// The IPA cache first, else the deepest table.
  void shortcut(arch::translation_walk& walk) {
    const arch::stage_request& want = walk.begin();
    const arch::decoded_config& config = walk.config();
    if (want.stage == arch::stage::s2) {
      for (const auto& [vmid, leaf] : m_ipas) {
        if (vmid == config.vmid && leaf.contains(want.address)) {
          ++m_resumed;
          walk.use_stage2(leaf);
          return;
        }
      }
    }
    const arch::table_entry* best = nullptr;
    for (const auto& [tag, table] : m_tables) {
      const bool space = want.stage == arch::stage::s2 || tag.asid == config.asid;
      if (table.stage == want.stage && tag.vmid == config.vmid && space &&
          table.covers(want.address) && (best == nullptr || table.level > best->level)) {
        best = &table;
      }
    }
    if (best != nullptr) {
      ++m_resumed;
      walk.resume_at(*best);
    }
  }

  arch::register_view m_regs;
  std::vector<std::pair<arch::config_key, arch::decoded_config>> m_configs;
  std::vector<arch::translation> m_entries;
  std::vector<std::pair<arch::entry_tag, arch::table_entry>> m_tables;
  std::vector<std::pair<base::vmid, arch::stage2_translation>> m_ipas;
  std::uint64_t m_hits = 0;
  std::uint64_t m_resumed = 0;
};

}  // namespace svasim::oracle
