#include "arch/walk.h"

#include <algorithm>
#include <new>
#include <type_traits>

#include "base/bits.h"

namespace svasim::arch {

using step = translation_walk::step;

void translation_walk::start(const register_view& regs, const access_request& request) {
  static_assert(std::is_trivially_destructible_v<translation_walk>);
  new (this) translation_walk();  // an assignment would make the value twice
  m_regs = &regs;
  m_request = request;
  m_state = state::begin;
}

void translation_walk::use_config(const decoded_config& cached) {
  m_config = cached;
  m_config_given = true;
}

void translation_walk::use_structures(const structure_words* ste, const structure_words* cd) {
  m_cached_ste = ste;
  m_cached_cd = cd;
}

step translation_walk::next() {
  for (;;) {
    switch (m_state) {
      case state::begin:
        locate_ste();
        break;
      case state::fetching:
        return step::fetch;
      case state::updating:
        return step::update;
      case state::configured:
        m_state = state::translate;
        return step::configured;
      case state::translate:
        translate();
        break;
      case state::stage1:
        return begin_stage1();
      case state::stage2:
        return begin_stage2();
      case state::s1_lookup:
        lookup_stage1();
        break;
      case state::s1_fetch:
        if (announce(m_s1, stage::s1)) {
          return step::table;
        }
        want(fetch_kind::s1_descriptor, m_s1.level, m_s1_descriptor);
        break;
      case state::s2_lookup:
        if (announce(m_s2, stage::s2)) {
          return step::table;
        }
        lookup_stage2();
        break;
      case state::s1_finished:
        finish_stage1();
        break;
      case state::s2_leaf:
        m_state = state::s2_finished;
        return step::stage2_leaf;
      case state::s2_finished:
        finish_stage2();
        break;
      case state::done:
        return step::done;
    }
  }
}

void translation_walk::want(fetch_kind kind, int level, base::pa address) {
  const bool structure = kind == fetch_kind::ste || kind == fetch_kind::cd;
  m_fetch = {kind, static_cast<std::int8_t>(level), static_cast<std::uint8_t>(structure ? 64 : 8),
             address};
  m_state = state::fetching;
}

void translation_walk::supply(const std::uint64_t* words) {
  ++m_result.fetches[static_cast<std::size_t>(m_fetch.kind)];
  structure_words all;
  if (m_fetch.size == 64) {
    std::copy(words, words + all.size(), all.begin());
  }
  switch (m_fetch.kind) {
    case fetch_kind::l1std:
      return on_l1std(*words);
    case fetch_kind::ste:
      return on_ste(all);
    case fetch_kind::l1cd:
      return on_l1cd(*words);
    case fetch_kind::cd:
      return on_cd(all);
    case fetch_kind::s1_descriptor:
      return on_s1_descriptor(*words);
    case fetch_kind::s2_descriptor:
      return on_s2_descriptor(*words);
  }
}

void translation_walk::supply_update(std::uint64_t found) {
  ++m_result.updates;
  const bool s1 = m_fetch.kind == fetch_kind::s1_descriptor;
  m_table_write = m_table_write && !s1;
  if (found != m_update.expected) {
    return s1 ? on_s1_descriptor(found) : on_s2_descriptor(found);
  }
  m_state = s1 ? state::s1_finished : state::s2_leaf;
}

void translation_walk::supply_abort() {
  ++(m_state == state::updating ? m_result.updates
                                : m_result.fetches[static_cast<std::size_t>(m_fetch.kind)]);
  event e;
  e.fetch_address = m_fetch.address.value();
  switch (m_fetch.kind) {
    case fetch_kind::l1std:
    case fetch_kind::ste:
      e.type = event_type::f_ste_fetch;
      break;
    case fetch_kind::l1cd:
    case fetch_kind::cd:
      e.type = event_type::f_cd_fetch;
      break;
    case fetch_kind::s1_descriptor:
      e.type = event_type::f_walk_eabt;
      e.cls = event_class::table;
      break;
    case fetch_kind::s2_descriptor:
      e.type = event_type::f_walk_eabt;
      e.stage2 = true;
      e.cls = m_purpose;
      break;
  }
  end(e);
}

void translation_walk::end(const event& e) {
  const auto fetches = m_result.fetches;
  const auto updates = m_result.updates;
  m_result = make_fault(e, m_config, *m_regs, m_request);
  m_result.fetches = fetches;
  m_result.updates = updates;
  m_state = state::done;
}

/// SMMUEN and the StreamID (7.3.22, 7.3.3).
void translation_walk::locate_ste() {
  const register_view& regs = *m_regs;
  if (!regs.enabled) {
    return disabled();
  }
  if (m_request.kind == transaction_kind::translated && !regs.ats_check) {
    return pass(translation_kind::bypass);  // trusted: nothing is looked up
  }
  if (m_config_given) {
    m_state = state::translate;
    return;
  }
  const std::uint64_t sid = m_request.sid.value();
  if (sid >> regs.log2_size != 0) {
    event e;
    e.type = event_type::c_bad_streamid;
    return end(e);
  }
  if (m_cached_ste != nullptr) {
    return on_ste(*m_cached_ste);
  }
  if (regs.two_level) {
    return want(fetch_kind::l1std, 0, regs.table_base + (sid >> regs.split << 3));
  }
  want(fetch_kind::ste, 0, regs.table_base + (sid << 6));
}

/// SMMUEN = 0: no table is read, and GBPA decides (6.3.9).
void translation_walk::disabled() {
  if (m_request.kind != transaction_kind::untranslated) {
    return refuse_ats();
  }
  const bool too_large = m_request.address >> m_regs->caps.oas_bits != 0;
  if (m_regs->abort_when_disabled || too_large) {
    m_state = state::done;  // no event
    return;
  }
  pass(translation_kind::disabled);
}

void translation_walk::refuse_ats() {
  event e;
  e.type = m_request.kind == transaction_kind::translated ? event_type::f_transl_forbidden
                                                          : event_type::f_bad_ats_treq;
  end(e);
}

/// EATS as it acts: split-stage ATS needs ATSCHK (5.2).
unsigned translation_walk::effective_eats() const {
  return m_config.eats == 1 || m_regs->ats_check ? m_config.eats : 0;
}

/// Translated transactions need the STE alone, and so does the refusal of a Translation Request.
bool translation_walk::is_decided_by_ste() const {
  return m_request.kind == transaction_kind::translated ||
         (m_request.kind == transaction_kind::translation_request && effective_eats() == 0);
}

/// STE.EATS (5.2, 3.9.1): false where it has decided on the transaction.
bool translation_walk::admit_ats() {
  const bool no_ste =
      m_config.action == config_action::error &&
      (m_config.error == event_type::c_bad_streamid || m_config.error == event_type::c_bad_ste);
  if (m_request.kind == transaction_kind::untranslated || no_ste ||
      m_config.action == config_action::terminate) {
    return true;
  }
  const unsigned eats = effective_eats();
  if (eats == 0) {
    refuse_ats();
    return false;
  }
  if (m_request.kind == transaction_kind::translation_request) {
    return true;
  }
  if (eats == 1) {
    pass(translation_kind::bypass);
    return false;
  }
  m_config.s1_on = false;  // the address is an IPA
  m_s1_out = m_request.address;
  want_stage2(m_request.address, event_class::input);
  return false;
}

/// From the configuration on.
void translation_walk::translate() {
  m_request = overridden(m_request, m_config);
  if (!admit_ats()) {
    return;
  }
  switch (m_config.action) {
    case config_action::error: {
      event e;
      e.type = m_config.error;
      return end(e);
    }
    case config_action::terminate:
      m_state = state::done;  // no event
      return;
    case config_action::bypass:
      if (m_request.address >> m_regs->caps.oas_bits != 0) {
        return fault(event_type::f_addr_size, stage::s1);
      }
      return pass(translation_kind::bypass);
    case config_action::translate:
      break;
  }
  if (m_config.s1_on) {
    return want_stage1();
  }
  if (m_request.address >> m_regs->caps.ias_bits != 0) {
    return fault(event_type::f_addr_size, stage::s1);
  }
  m_s1_out = m_request.address;
  want_stage2(m_request.address, event_class::input);
}

/// Output = input. A Translated address that no bus has (ATS never gave it) ends silently.
void translation_walk::pass(translation_kind kind) {
  if (m_request.address >> m_regs->caps.oas_bits != 0) {
    m_state = state::done;
    return;
  }
  m_result.outcome = outcome::ok;
  m_result.output = base::pa(m_request.address);
  translation& entry = m_result.entry;
  entry.kind = kind;
  entry.size_shift = 12;
  entry.input = m_result.output.page_base(12).value();
  entry.ipa = entry.input;
  entry.output = base::pa(entry.input);
  m_state = state::done;
}

}  // namespace svasim::arch
