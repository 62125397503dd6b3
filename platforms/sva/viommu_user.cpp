#include "platforms/sva/viommu_user.h"

#include <fmt/format.h>

#include <algorithm>

#include "base/error.h"
#include "platforms/sva/layout.h"
#include "platforms/sva/sva_platform.h"

namespace svasim::platforms {

using trace::request_type;

namespace {
constexpr unsigned page_shift = 12;
constexpr std::uint64_t page_mask = (1ull << page_shift) - 1;
constexpr std::uint32_t unnamed_domain = 0x80000000;  // of a stream whose domain the log hides

bool is_range(const trace::record& r) {
  return r.request == request_type::map || r.request == request_type::unmap;
}

}  // namespace

// A log without accesses still has a device.
void viommu_user::place(const topology_plan& plan) {
  std::vector<trace::stream_tag> streams = m_source.about().streams;
  if (streams.empty()) {
    const bool only = plan.devices[0].name.empty();
    streams.emplace_back().sid =
        base::stream_id(only ? sva_layout::first_function : plan.devices[0].first_stream);
  }
  m_streams.place(plan, streams);
}

void viommu_user::start(sva_platform& p) {
  m_platform = &p;
  m_guest = &p.first_guest();
  for (const trace::stream_tag& s : m_source.about().streams) {
    const std::uint32_t domain = s.has_domain ? s.domain : unnamed_domain + s.sid.value();
    m_domains[s.sid.value()] = domain;
    m_guest->add_endpoint(s.sid, domain);
  }
  m_driver = m_guest->replay_requests();
  m_driver->on_synced = [this] {
    if (m_driver->outstanding() == 0) m_pending.clear();
    if (m_wake) m_wake();
  };
  p.on_engine_done([this, &p] {
    m_finished = true;
    p.user_finished();
  });
}

trace::pull viommu_user::next(trace::record& out) {
  try {
    return advance(out);
  } catch (const base::input_error&) {
    m_failure = std::current_exception();
    throw;
  }
}

// The driver must know whether the record behind a request is one as well.
bool viommu_user::fetch() {
  if (m_have) return true;
  if (m_have_behind) {
    m_record = m_behind;
  } else if (!m_source.next(m_record)) {
    return false;
  }
  m_have = true;
  m_have_behind = m_source.next(m_behind);
  return true;
}

trace::pull viommu_user::advance(trace::record& out) {
  while (fetch()) {
    if (m_record.kind == trace::record_kind::request) {
      if (!request()) return trace::pull::blocked;
    } else if (m_record.kind == trace::record_kind::access) {
      if (!access()) return trace::pull::blocked;
      m_have = false;
      m_under_way.push_back(m_record);
      m_counts.accesses += 1;
      out = m_record;
      // What the tables hold are addresses of the host.
      out.output += layout::guest_offset;
      return trace::pull::ready;
    }
    m_have = false;
  }
  return m_driver->outstanding() == 0 ? trace::pull::end : trace::pull::blocked;
}

void viommu_user::completed(const trace::record& access) {
  const auto it = std::find_if(m_under_way.begin(), m_under_way.end(), [&](const trace::record& r) {
    return r.line == access.line && r.address == access.address;
  });
  if (it == m_under_way.end()) return;
  *it = m_under_way.back();
  m_under_way.pop_back();
}

bool viommu_user::in_flight(const range& r) const {
  return std::any_of(m_under_way.begin(), m_under_way.end(), [&](const trace::record& a) {
    return r.contains(domain_of(a.sid), a.address.value());
  });
}

std::uint32_t viommu_user::domain_of(base::stream_id sid) const {
  const auto it = m_domains.find(sid.value());
  return it == m_domains.end() ? unnamed_domain + sid.value() : it->second;
}

// --- requests -----------------------------------------------------------------------------------

// False: not yet.
bool viommu_user::request() {
  const range r{m_record.domain, m_record.address.value(), m_record.last};
  if (m_record.request == request_type::unmap && in_flight(r)) return false;
  if (m_driver->outstanding() == virtio::request_replay::capacity) return false;
  if (is_range(m_record)) {
    for (const auto& [sid, domain] : m_domains) {
      if (domain == m_record.domain) ensure_attached(base::stream_id(sid));
    }
    m_pending.push_back(r);
  } else {
    const std::uint32_t sid = m_record.sid.value();
    const auto known = m_domains.find(sid);
    if (known != m_domains.end() && known->second != m_record.domain) {
      throw base::input_error(base::problem{
          "", m_record.line, 0,
          fmt::format(
              "endpoint {:#x} moves from domain {} to {}: a replay has each endpoint in one "
              "domain",
              sid, known->second, m_record.domain)});
    }
    if (known == m_domains.end()) {
      m_domains[sid] = m_record.domain;
      m_guest->add_endpoint(m_record.sid, m_record.domain);
    }
    m_attached[sid] = true;
  }
  const bool more = m_have_behind && m_behind.kind == trace::record_kind::request;
  if (!m_driver->submit(m_record, more)) return false;
  m_counts.requests[m_record.request] += 1;
  return true;
}

void viommu_user::ensure_attached(base::stream_id sid) {
  bool& attached = m_attached[sid.value()];
  if (!attached) m_guest->attach_before(sid, domain_of(sid));
  attached = true;
}

// --- accesses -----------------------------------------------------------------------------------

bool viommu_user::access() {
  const std::uint32_t domain = domain_of(m_record.sid);
  const std::uint64_t at = m_record.address.value();
  if (m_driver->outstanding() != 0) {
    const bool named = std::any_of(m_pending.begin(), m_pending.end(),
                                   [&](const range& r) { return r.contains(domain, at); });
    const bool attaching = m_attached.count(m_record.sid.value()) == 0;
    if (named || attaching) return false;
  }
  ensure_attached(m_record.sid);
  if (!m_guest->is_mapped(domain, at)) put_in_place(domain);
  return true;
}

void viommu_user::put_in_place(std::uint32_t domain) {
  const std::uint64_t page = m_record.address.value() & ~page_mask;
  const std::uint64_t output = m_record.has_output ? m_record.output : m_record.address.value();
  m_guest->map_before(domain, page, output & ~page_mask);
  m_counts.mapped_before += 1;
}

std::string viommu_user::left() const {
  return fmt::format("the log is not done with {} accesses taken, {} requests on the virtqueue",
                     m_counts.accesses, m_driver->outstanding());
}

}  // namespace svasim::platforms
