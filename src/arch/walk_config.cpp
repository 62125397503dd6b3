// The part of the translation procedure that reads STE and CD (IHI 0070 3.3, 5).
#include "arch/walk.h"
#include "base/bits.h"

namespace svasim::arch {

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
  m_request = overridden(m_request, m_config);
  m_config.action =
      m_ste.config == ste_config::bypass ? config_action::bypass : config_action::translate;
  if (is_decided_by_ste()) {
    m_state = state::translate;  // there is no complete configuration to tell of
    return;
  }
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
  if (m_cached_cd != nullptr) {
    return on_cd(*m_cached_cd);
  }
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

}  // namespace svasim::arch
