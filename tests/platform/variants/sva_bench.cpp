#include "sva_bench.h"

#include <fmt/format.h>

#include "base/rng.h"
#include "workloads/sva_workload.h"

namespace svasim::test {

platforms::variant variant_of(char letter) {
  return static_cast<platforms::variant>(letter - 'a');
}

platforms::platform_params variant_params(char letter) {
  platforms::platform_params p;
  p.served = variant_of(letter);
  return p;
}

trace::sva_plan sva_workload(const std::string& name) {
  return workloads::read_sva_workload(SVASIM_SOURCE_DIR "/workloads/" + name + ".json");
}

trace::sva_plan small_plan() {
  trace::sva_plan p;
  p.name = "small";
  p.processes = 2;
  p.buffers = 2;
  p.buffer = base::kib(64);
  p.messages = 2;
  p.queue_depth = 2;
  p.end = trace::buffer_end::each;
  return p;
}

namespace {
platforms::sva_options checked(bool check) {
  platforms::sva_options o;
  o.check = check;
  return o;
}
}  // namespace

sva_bench::sva_bench(const platforms::platform_params& params, const trace::sva_plan& plan,
                     bool check)
    : m_plan(plan), m_platform(params, plan, checked(check)) {
  auto& hops = m_platform.hops();
  hops.on_finished = [this, first = hops.on_finished](const kit::finished_fault& f) {
    m_faults.push_back(f);
    first(f);
  };
}

std::uint64_t sva_bench::count(const std::string& path) {
  nlohmann::json at = m_platform.statistics().to_json();
  for (std::size_t begin = 0; begin <= path.size();) {
    const std::size_t end = std::min(path.find('.', begin), path.size());
    at = nlohmann::json(at.at(path.substr(begin, end - begin)));
    begin = end + 1;
  }
  return at.get<std::uint64_t>();
}

std::uint64_t sva_bench::messages_failed() const {
  std::uint64_t failed = 0;
  for (const auto& p : m_platform.processes()) failed += p->statistics().failed.value();
  return failed;
}

std::string sva_bench::broken_rule() {
  for (const auto& unit : m_platform.devices()) {
    const device::dma_engine_stats& d = unit->dma().statistics();
    if (d.in_flight.current() != 0) return "requests in flight at the end";
    if (d.issued.value() != d.completed.value() + d.faulted.value()) return "requests lost";
  }
  std::uint64_t messages = 0;
  for (const auto& p : m_platform.processes()) {
    if (!p->finished()) return "a process is not done";
    messages += p->statistics().messages.value();
  }
  if (messages != m_plan.total_messages()) return "messages lost";
  if ((messages_failed() != 0) != (m_platform.total(&device::dma_engine_stats::faulted) != 0)) {
    return "messages fail without their requests, or the other way round";
  }
  const std::string faults = broken_fault_rule();
  return faults.empty() ? broken_group_rule() : faults;
}

std::string sva_bench::broken_fault_rule() {
  std::uint64_t resolved = 0;
  for (const kit::finished_fault& f : m_faults) {
    base::duration sum;
    for (const kit::hop_time& h : f.on_path) sum += h.length;
    if (sum != f.latency()) return "hops do not sum to the latency of a fault";
    base::duration rows;
    for (const platforms::row_time& r : platforms::by_rows(m_platform.params().served, f)) {
      if (r.row->on_path) rows += r.time;
    }
    if (rows != f.latency()) return "rows do not sum to the latency of a fault";
    resolved += f.resolved ? 1 : 0;
  }
  const platforms::fault_record& record = m_platform.faults();
  if (record.resolved.value() != resolved ||
      record.resolved.value() + record.unresolved.value() != m_faults.size()) {
    return "faults lost on their way to the record";
  }
  if (m_platform.hops().open_count() != 0) {
    return fmt::format("{} faults open at the end", m_platform.hops().open_count());
  }
  return "";
}

std::uint64_t sva_bench::sum(const std::string& group, const std::string& path) {
  std::vector<std::string> names;
  if (group == "device") {
    for (const auto& d : m_platform.devices()) names.push_back(d->name());
  } else {
    for (const auto& s : m_platform.smmus()) names.push_back(s->name());
  }
  std::uint64_t all = 0;
  for (const std::string& n : names) all += count(group + "." + (n.empty() ? "" : n + ".") + path);
  return all;
}

std::string sva_bench::broken_group_rule() {
  const char v = platforms::letter(m_platform.params().served);
  if (v == 'f') return m_faults.empty() ? "" : "faults without page requests or stalls";
  if (v == 'g') {
    if (sum("smmu", "tcu.stalls") != m_faults.size()) return "stalls and faults differ in number";
    return "";
  }
  const auto pri = [this](const char* name) {
    return sum("device", std::string("atc.pri.") + name);
  };
  const std::uint64_t groups = pri("groups");
  const std::uint64_t ended = pri("succeeded") + pri("invalid") + pri("failures") + pri("timeouts");
  if (groups != ended) return "groups of page requests lost";
  if (groups != m_faults.size()) {
    return fmt::format("{} groups, but {} faults", groups, m_faults.size());
  }
  if (pri("failures") != 0) return "page requests were switched off";
  return "";
}

namespace {
// Up to three times as much, or nothing.
base::duration drawn(base::rng& r, base::duration d) {
  return base::duration(d.value() * r.below(13) / 4);
}
}  // namespace

void draw_costs(platforms::platform_params& p, std::uint64_t seed) {
  base::rng r(seed);
  for (platforms::kernel_params* k : {&p.software.host.kernel, &p.software.guest.kernel}) {
    software::kernel_costs& c = k->costs;
    for (base::duration* d : {&c.work_dispatch, &c.fault_decode, &c.iopf_group, &c.syscall,
                              &c.eventfd, &c.notifier, &c.queue_add, &c.queue_pop}) {
      *d = drawn(r, *d);
    }
    software::mm_costs& m = k->mm;
    for (base::duration* d : {&m.minor, &m.zero_fill, &m.copy_on_write, &m.map_page, &m.unmap_page,
                              &m.mmap, &m.broadcast}) {
      *d = drawn(r, *d);
    }
    k->io_pgfault.workers = 1 + static_cast<std::uint32_t>(r.below(4));
  }
  software::vmm_costs& v = p.software.host.vmm;
  for (base::duration* d : {&v.vfio, &v.record, &v.event, &v.request, &v.inject}) *d = drawn(r, *d);
  p.device.atc.page_requests.retry_pause = drawn(r, base::us(5));
  p.device.atc.page_requests.allocation = 1 + static_cast<std::uint32_t>(r.below(32));
  p.cpu.cores = 1 + static_cast<std::uint32_t>(r.below(8));
  // With fewer cores than vCPUs that spin, each step takes slices, and slices take long to
  // simulate.
  p.cpu.scheduling.time_slice = base::us(20);
}

void draw_delays(platforms::platform_params& p, std::uint64_t seed) {
  base::rng r(seed + 0x5eed);
  p.cpu.background_percent = static_cast<std::uint32_t>(r.below(60));
  p.cpu.background_burst = base::us(1 + r.below(50));
  p.cpu.background_seed = seed;
  p.software.host.kernel.mm.swap_spread_percent = 100;
  p.software.guest.kernel.mm.swap_spread_percent = 100;
  for (cpu::scheduling_params* s : {&p.cpu.scheduling, &p.vm.cpu.scheduling}) {
    for (base::duration* d : {&s->irq_entry, &s->thread_wake, &s->context_switch})
      *d = drawn(r, *d);
  }
  p.device.atc.page_requests.timeout = base::us(100 + r.below(5000));
  p.device.atc.page_requests.group_pages = 1 + static_cast<std::uint32_t>(r.below(8));
  p.device.atc.translations_per_request = 1u << r.below(4);
}

}  // namespace svasim::test
