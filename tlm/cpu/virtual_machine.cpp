#include "tlm/cpu/virtual_machine.h"

#include <fmt/format.h>
#include <algorithm>
#include <stdexcept>

#include "tlm/cpu/vcpu.h"

namespace svasim::cpu {

using base::duration;
using kit::actor;

namespace {
constexpr unsigned smallest_page = 12;
}  // namespace

virtual_machine::virtual_machine(sc_core::sc_module_name name, const vm_params& params,
                                 cluster& host, stats::group* parent)
    : sc_module(name),
      scheduler(params.scheduling, parent, basename()),
      m_params(params),
      m_host(host),
      m_space(host.m_tlbs->add_guest(base::vmid(), shift_of(params.linear_map), smallest_page)),
      m_stats(&group()) {
  for (unsigned i = 0; i < params.vcpus; ++i) {
    m_vcpus.push_back(std::make_unique<vcpu>(*this, i));
    m_vcpus.back()->attach(add_processor(*m_vcpus.back()));
  }
}

virtual_machine::~virtual_machine() = default;

void virtual_machine::set_translation(base::vmid vmid, unsigned stage2_shift) {
  m_host.m_tlbs->change_guest(m_space, vmid, shift_of(m_params.linear_map), stage2_shift);
}

void virtual_machine::trap(base::ipa first, std::uint64_t bytes, trap_handler handler,
                           bool to_user_space) {
  add_range({first.value(), first.value() + (bytes - 1), std::move(handler), to_user_space, 0});
}

void virtual_machine::pass_through(base::ipa first, std::uint64_t bytes, base::pa at) {
  add_range({first.value(), first.value() + (bytes - 1), nullptr, false, at.value()});
}

void virtual_machine::add_range(range r) {
  const auto after =
      std::upper_bound(m_ranges.begin(), m_ranges.end(), r.first,
                       [](std::uint64_t at, const range& other) { return at < other.first; });
  const bool overlaps = (after != m_ranges.end() && after->first <= r.last) ||
                        (after != m_ranges.begin() && std::prev(after)->last >= r.first);
  if (r.last < r.first || overlaps) {
    throw std::invalid_argument(
        fmt::format("{}: the registers at {:#x} overlap others", basename(), r.first));
  }
  m_ranges.insert(after, std::move(r));
}

const virtual_machine::range& virtual_machine::find(const thread& t, std::uint64_t address) const {
  const auto after =
      std::upper_bound(m_ranges.begin(), m_ranges.end(), address,
                       [](std::uint64_t at, const range& other) { return at < other.first; });
  if (after == m_ranges.begin() || std::prev(after)->last < address) {
    throw std::logic_error(fmt::format("{}: there is no register at IPA {:#x}", t.name(), address));
  }
  return *std::prev(after);
}

void virtual_machine::interrupt(unsigned number) {
  if (!pending(number)) m_vcpus[processor_for(number).index()]->inject();
  scheduler::interrupt(number);
}

void virtual_machine::send_interrupt(kit::task& from, unsigned number) {
  thread& t = own(from);
  t.acquire();
  m_stats.ipis += 1;
  of(t).exit(t, actor::hk, [&](kit::task&) { interrupt(number); });
}

void virtual_machine::hypercall(kit::task& from) {
  thread& t = own(from);
  t.acquire();
  m_stats.hypercalls += 1;
  of(t).exit(t, actor::hk, nullptr);
}

void virtual_machine::broadcast(kit::task& from, const arch::command& tlbi) {
  thread& t = own(from);
  t.acquire();
  of(t).access(t, [&](kit::task& host) { m_host.broadcast(host, tlbi); });
}

void virtual_machine::access(thread& t, bool write, std::uint64_t address, void* data,
                             std::uint32_t n) {
  vcpu& v = of(t);
  std::optional<base::pa> at = stage2 ? stage2(address, write) : base::pa(address);
  while (!at) {
    if (!on_stage2_fault) {
      throw std::logic_error(fmt::format("{}: there is no memory at IPA {:#x}", t.name(), address));
    }
    m_stats.stage2 += 1;
    v.exit(t, actor::hk, [&](kit::task& host) { on_stage2_fault(host, address); });
    at = stage2(address, write);
  }
  v.access(t, [&](kit::task& host) {
    m_host.guest_access(m_host.own(host), m_space, address, write, *at, data, n);
  });
}

std::uint32_t virtual_machine::device_access(thread& t, bool write, std::uint64_t address,
                                             std::uint32_t value) {
  const range& r = find(t, address);
  if (r.handler) return trapped(t, r, write, address, value);
  const std::uint64_t at = r.at + (address - r.first);
  of(t).access(t, [&](kit::task& host) {
    if (write) {
      host.write_register(at, value);
    } else {
      value = host.read_register(at);
    }
  });
  return value;
}

std::uint32_t virtual_machine::trapped(thread& t, const range& r, bool write, std::uint64_t address,
                                       std::uint32_t value) {
  (r.to_user_space ? m_stats.user : m_stats.kernel) += 1;
  const duration way = r.to_user_space ? m_params.kvm.user_exit : m_params.kvm.kernel_mmio;
  of(t).exit(t, r.to_user_space ? actor::vmm : actor::hk, [&](kit::task& host) {
    host.compute(way);
    value = r.handler(host, write, address, value);
  });
  return value;
}

}  // namespace svasim::cpu
