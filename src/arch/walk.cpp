#include "arch/walk.h"

#include <algorithm>

#include "base/bits.h"

namespace svasim::arch {

using step = translation_walk::step;

void translation_walk::start(const register_view& regs, const access_request& request) {
  *this = translation_walk();
  m_regs = &regs;
  m_request = request;
  m_state = state::begin;
}

void translation_walk::use_config(const decoded_config& cached) {
  m_config = cached;
  m_config_given = true;
}

step translation_walk::next() {
  for (;;) {
    switch (m_state) {
      case state::begin:
        locate_ste();
        break;
      case state::fetching:
        return step::fetch;
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

void translation_walk::want(fetch_kind kind, unsigned level, base::pa address) {
  const bool structure = kind == fetch_kind::ste || kind == fetch_kind::cd;
  m_fetch = {kind, static_cast<std::uint8_t>(level), static_cast<std::uint8_t>(structure ? 64 : 8),
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

void translation_walk::supply_abort() {
  ++m_result.fetches[static_cast<std::size_t>(m_fetch.kind)];
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
  m_result = make_fault(e, m_config, *m_regs, m_request);
  m_result.fetches = fetches;
  m_state = state::done;
}

/// SMMUEN and the StreamID (7.3.22, 7.3.3).
void translation_walk::locate_ste() {
  const register_view& regs = *m_regs;
  if (!regs.enabled) {
    const bool too_large = m_request.address >> regs.caps.oas_bits != 0;
    if (regs.abort_when_disabled || too_large) {
      m_state = state::done;  // no event
      return;
    }
    return pass(translation_kind::disabled);
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
  if (regs.two_level) {
    return want(fetch_kind::l1std, 0, regs.table_base + (sid >> regs.split << 3));
  }
  want(fetch_kind::ste, 0, regs.table_base + (sid << 6));
}

void translation_walk::on_l1std(std::uint64_t word) {
  const l1std d = decode_l1std(word);
  const std::uint64_t index = m_request.sid.value() & base::low_mask(m_regs->split);
  if (!d.valid() || d.span > m_regs->split + 1 || index >> (d.span - 1) != 0) {
    return configured(event_type::c_bad_streamid);
  }
  want(fetch_kind::ste, 0, d.l2_ptr + (index << 6));
}

/// The configuration stands as far as `error` says; it may be cached in any case (5.2.1, 5.4.1).
void translation_walk::configured(event_type error) {
  if (error != event_type::none) {
    m_config.action = config_action::error;
    m_config.error = error;
  }
  m_state = state::configured;
}

/// STE and STE.Config (5.2).
void translation_walk::on_ste(const structure_words& words) {
  m_ste = decode_ste(words);
  if (check(m_ste, m_regs->caps) != nullptr) {
    return configured(event_type::c_bad_ste);
  }
  if (m_ste.config == ste_config::abort) {
    m_config.action = config_action::terminate;
    return configured(event_type::none);
  }
  apply_ste(m_config, m_ste, *m_regs);
  m_config.action =
      m_ste.config == ste_config::bypass ? config_action::bypass : config_action::translate;
  select_substream();
}

/// SubstreamID rules (5.2, 7.3.9).
void translation_walk::select_substream() {
  const bool has_ssid = m_request.has_ssid;
  if (!m_ste.stage1_on()) {
    return configured(has_ssid ? event_type::c_bad_substreamid : event_type::none);
  }
  if (has_ssid) {
    const std::uint64_t ssid = m_request.ssid.value();
    if (m_ste.s1_cd_max == 0 || ssid >> m_ste.s1_cd_max != 0) {
      return configured(event_type::c_bad_substreamid);
    }
    if (ssid == 0 && m_ste.dss == s1dss::substream0) {
      return configured(event_type::f_stream_disabled);
    }
    return locate_cd(ssid);
  }
  if (m_ste.s1_cd_max == 0 || m_ste.dss == s1dss::substream0) {
    return locate_cd(0);
  }
  if (m_ste.dss == s1dss::bypass) {
    m_config.action = m_config.s2_on ? config_action::translate : config_action::bypass;
    return configured(event_type::none);
  }
  configured(event_type::f_stream_disabled);  // also the reserved value (unverified)
}

/// CD tables (5.2 S1Fmt, 5.3): a first level only where there is more than one CD.
void translation_walk::locate_cd(std::uint64_t ssid) {
  if (m_ste.s1_cd_max == 0 || m_ste.s1_format == 0) {
    return fetch_config(fetch_kind::cd, m_ste.s1_context_ptr + (ssid << 6));
  }
  m_cd_leaf_bits = m_ste.s1_format == 1 ? 6 : 10;
  fetch_config(fetch_kind::l1cd, m_ste.s1_context_ptr + (ssid >> m_cd_leaf_bits << 3));
}

/// With stage 2 on, `address` is an IPA (5.2).
void translation_walk::fetch_config(fetch_kind kind, std::uint64_t address) {
  m_config_fetch = kind;
  if (m_config.s2_on) {
    return want_stage2(address, event_class::cd);
  }
  want(kind, 0, base::pa(address));
}

void translation_walk::on_l1cd(std::uint64_t word) {
  const l1cd d = decode_l1cd(word);
  const unsigned bits = m_config.s2_on ? m_regs->caps.ias_bits : m_regs->caps.oas_bits;
  if (!d.valid || d.l2_ptr >> bits != 0) {
    return configured(event_type::c_bad_substreamid);
  }
  const std::uint64_t ssid = m_request.has_ssid ? m_request.ssid.value() : 0;
  fetch_config(fetch_kind::cd, d.l2_ptr + ((ssid & base::low_mask(m_cd_leaf_bits)) << 6));
}

void translation_walk::on_cd(const structure_words& words) {
  const cd c = decode_cd(words);
  if (check(c, m_ste, m_regs->caps) != nullptr) {
    return configured(event_type::c_bad_cd);
  }
  apply_cd(m_config, c, m_regs->caps);
  configured(event_type::none);
}

/// From the configuration on.
void translation_walk::translate() {
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

/// Output = input.
void translation_walk::pass(translation_kind kind) {
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
