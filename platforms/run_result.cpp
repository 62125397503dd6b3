#include "platforms/run_result.h"

#include <fmt/format.h>

#include <algorithm>

#include "describe/effective.h"
#include "platforms/result_structures.h"

namespace svasim::platforms {
namespace {

using nlohmann::json;

constexpr const char* version = "0.1.0";

json platform_json(const platform_params& p, const std::map<std::string, std::string>& provenance) {
  return {{"name", p.name},
          {"digest", describe::effective_digest(p)},
          {"parameters", describe::effective(p)},
          {"provenance", provenance}};
}

std::string input_note(const trace::summary& about) {
  std::string note;
  const auto add = [&note](const std::string& text) { note += (note.empty() ? "" : "; ") + text; };
  if (about.incomplete_commands != 0) {
    add(fmt::format("{} commands of which the log lacks the operands were left out",
                    about.incomplete_commands));
  }
  if (about.untranslated != 0) {
    add(fmt::format("{} accesses that no table translated were left out", about.untranslated));
  }
  if (about.clock_steps_back != 0) {
    add(fmt::format("the clock stepped back {} times", about.clock_steps_back));
  }
  return note;
}

std::string run_note(platform& p, const trace::summary& about) {
  if (about.accesses == 0) {
    return about.events != 0
               ? fmt::format("the trace holds no accesses, only {} fault events", about.events)
               : "the trace holds no accesses";
  }
  const replay::counts& c = p.traced().statistics();
  std::string note;
  if (c.forced_invalidations != 0) {
    note = fmt::format("{} pages changed without an invalidation in the trace; the replay added it",
                       c.forced_invalidations);
  }
  if (c.atc_invalidations != 0) {
    note += fmt::format("{}{} CMD_ATC_INV were added for the device's ATC",
                        note.empty() ? "" : "; ", c.atc_invalidations);
  }
  return note;
}

std::uint64_t rate(std::uint64_t bytes, std::uint64_t ps) {
  const auto scaled = static_cast<unsigned __int128>(bytes) * 1000000000000u;
  return ps == 0 ? 0 : static_cast<std::uint64_t>(scaled / ps);
}

// Over all devices.
template <class Of>
std::uint64_t sum(const std::vector<device_part>& devices, Of of) {
  std::uint64_t out = 0;
  for (const device_part& d : devices) out += of(d.dma.statistics());
  return out;
}

using dma_stats = device::dma_engine_stats;

json run_json(platform& p, const run_parts& parts, const trace::summary& about) {
  const std::vector<device_part>& all = parts.devices;
  const replay::counts& c = p.traced().statistics();
  const std::uint64_t ps = p.finished_at().value();
  const std::uint64_t bytes = sum(all, [](const dma_stats& d) { return d.bytes.value(); });
  return {{"accesses", sum(all, [](const dma_stats& d) { return d.accesses.value(); })},
          {"requests", sum(all, [](const dma_stats& d) { return d.issued.value(); })},
          {"completed", sum(all, [](const dma_stats& d) { return d.completed.value(); })},
          {"faulted", sum(all, [](const dma_stats& d) { return d.faulted.value(); })},
          {"in_flight", sum(all, [](const dma_stats& d) { return d.in_flight.current(); })},
          {"bytes", bytes},
          {"time_ps", ps},
          {"bytes_per_s", rate(bytes, ps)},
          {"commands", c.commands},
          {"commands_by_opcode", c.by_opcode},
          {"table_changes", p.spaces().changes()},
          {"note", run_note(p, about)}};
}

// Where there are several: what each did, until its own last request.
json devices_json(const run_parts& p) {
  json out = json::array();
  for (const device_part& d : p.devices) {
    const dma_stats& s = d.dma.statistics();
    const stats::log_histogram t = s.translation.whole();
    const std::uint64_t ps = d.dma.last_done().value();
    out.push_back({{"name", d.name},
                   {"requests", s.issued.value()},
                   {"completed", s.completed.value()},
                   {"faulted", s.faulted.value()},
                   {"in_flight", s.in_flight.current()},
                   {"bytes", s.bytes.value()},
                   {"time_ps", ps},
                   {"bytes_per_s", rate(s.bytes.value(), ps)},
                   {"translation",
                    {{"sum_ps", static_cast<std::uint64_t>(t.sum())},
                     {"p50_ps", t.quantile(5000).value_or(0)},
                     {"p99_ps", t.quantile(9900).value_or(0)},
                     {"max_ps", t.max().value_or(0)}}}});
  }
  return out;
}

json histogram_json(const run_parts& p, stats::histogram dma_stats::*which) {
  if (p.devices.size() == 1) {
    return (p.devices[0].dma.statistics().*which).to_json(stats::span::whole);
  }
  stats::log_histogram all;
  for (const device_part& d : p.devices) all += (d.dma.statistics().*which).whole();
  return all.to_json();
}

json stages_json(const run_parts& p) {
  json out = json::array();
  for (std::size_t i = 0; i < kit::stage_count; ++i) {
    const auto s = static_cast<kit::stage>(i);
    kit::breakdown::total t;
    for (const device_part& d : p.devices) {
      const kit::breakdown::total& own = d.dma.stages().of(s);
      t.sum_ps += own.sum_ps;
      t.count += own.count;
      t.max_ps = std::max(t.max_ps, own.max_ps);
    }
    out.push_back({{"stage", kit::about(s).name},
                   {"label", kit::about(s).label},
                   {"group", kit::to_string(kit::about(s).group)},
                   {"sum_ps", t.sum_ps},
                   {"count", t.count},
                   {"max_ps", t.max_ps}});
  }
  return out;
}

// Of several the busiest, each way.
json link_json(const run_parts& p) {
  std::uint64_t up = 0, down = 0;
  for (const pcie::link* l : p.links) {
    up = std::max(up, l->statistics().up_busy.value());
    down = std::max(down, l->statistics().down_busy.value());
  }
  return {{"up_busy_ps", up}, {"down_busy_ps", down}, {"time_ps", p.finished_at.value()}};
}

// Units of statistics and of those parameters that are bare counts, by path, for readers of the
// file.
json units_json(const run_parts& p) {
  json out = json::object();
  for (const describe::parameter_info& i : describe::parameters(p.params)) {
    if (i.kind == describe::declaration::kind::count) out["parameters." + i.path] = i.unit;
  }
  for (const stats::documentation& d : p.statistics.document()) out[d.path] = d.unit;
  return out;
}

}  // namespace

json input_json(const trace::summary& about, const run_input& input) {
  return {{"kind", input.kind},         {"name", input.name},     {"format", about.format},
          {"digest", about.digest},     {"lines", about.lines},   {"accesses", about.accesses},
          {"commands", about.commands}, {"events", about.events}, {"note", input_note(about)}};
}

json common_result(const run_parts& p, const std::map<std::string, std::string>& provenance) {
  json out = {{"format", 1},
              {"svasim", version},
              {"platform", platform_json(p.params, provenance)},
              {"confidence", confidence_json(p.params, p.kind, provenance)},
              {"latency",
               {{"translation", histogram_json(p, &dma_stats::translation)},
                {"read", histogram_json(p, &dma_stats::read)},
                {"write", histogram_json(p, &dma_stats::write)}}},
              {"stages", stages_json(p)},
              {"structures", structures_json(p)},
              {"walks", walks_json(p)},
              {"link", link_json(p)},
              {"statistics", p.statistics.to_json()},
              {"units", units_json(p)}};
  if (p.devices.size() > 1) out["devices"] = devices_json(p);
  return out;
}

run_parts parts_of(const platform_params& params, const platform::device_list& devices,
                   const platform::smmu_list& smmus, const memory_system& caches,
                   const pcie_fabric& fabric, const stats::group& statistics,
                   base::duration finished_at) {
  run_parts parts{params, {}, {}, {}, {}, statistics, finished_at};
  for (const auto& d : devices) {
    parts.devices.push_back({d->name(), d->plan().params, d->dma(), d->atc()});
  }
  for (const auto& s : smmus) {
    smmu_part part{s->name(), s->params(), {}, s->tcu(), s->walker()};
    for (unsigned t = 0; t < s->tbus(); ++t) part.tbus.push_back(&s->tbu(t));
    parts.smmus.push_back(std::move(part));
  }
  for (unsigned i = 0; i < caches.sockets(); ++i) {
    parts.caches.push_back({caches.name(i), caches.slc(i)});
  }
  for (const pcie_fabric::named_link& l : fabric.links()) parts.links.push_back(l.link);
  return parts;
}

json run_result(platform& p, const trace::summary& about, const run_input& input,
                const std::map<std::string, std::string>& provenance) {
  run_parts parts = parts_of(p.params(), p.devices(), p.smmus(), p.caches(), p.fabric(),
                             p.statistics(), p.finished_at());
  const auto faulted = [](const device_part& d) { return d.dma.statistics().faulted.value() != 0; };
  parts.kind = {false, p.traced().statistics().commands != 0,
                std::any_of(parts.devices.begin(), parts.devices.end(), faulted)};
  json out = common_result(parts, provenance);
  out["input"] = input_json(about, input);
  out["run"] = run_json(p, parts, about);
  p.observed().add_to(out, p.finished_at());
  return out;
}

std::string mismatches(const platform& p) {
  if (!p.params().smmu.tbu.apply_invalidations) return {};
  std::uint64_t all = 0;
  std::string first;
  for (const auto& d : p.devices()) {
    const device::dma_engine& dma = d->dma();
    all += dma.statistics().mismatches.value();
    if (first.empty()) first = dma.first_mismatch();
  }
  if (first.empty()) return {};
  return fmt::format("{} requests went elsewhere than in the trace, first: {}", all, first);
}

std::string canonical_text(const json& result) {
  return result.dump(2, ' ', false, json::error_handler_t::replace) + "\n";
}

}  // namespace svasim::platforms
