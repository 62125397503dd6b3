#include "platforms/replay.h"

#include <algorithm>
#include <stdexcept>

#include "arch/invalidation.h"
#include "base/error.h"

namespace svasim::platforms {
namespace {

constexpr unsigned page_shift = 12;

std::uint64_t page_key(const trace::record& r) {
  return r.address.page(page_shift) ^ std::uint64_t{r.sid.value()} << 40;
}

// What is wrong with a record, and where it stands.
base::input_error located(const base::input_error& e, const trace::record& r) {
  std::vector<base::problem> problems = e.problems();
  for (base::problem& p : problems) {
    if (p.file.empty() && p.line == 0) p.line = r.line;
  }
  return base::input_error(std::move(problems));
}

arch::command sync_command() {
  arch::command c;
  c.op = arch::opcode::sync;
  return c;
}

}  // namespace

replay::replay(trace::source& from, address_spaces& spaces, bool in_order)
    : m_source(from),
      m_spaces(spaces),
      m_in_order(in_order),
      m_lazy(from.about().lazy),
      m_static(!from.about().regions.empty() && from.about().commands == 0) {
  for (const trace::region& r : from.about().regions) {
    spaces.map_region(r, from.about().page_size);
  }
}

void replay::set_driver(smmu_drivers& driver) {
  m_driver = &driver;
  driver.on_synced = [this] {
    if (m_driver->outstanding() == 0) {
      m_pending.clear();
      m_config_pending = false;
    }
    if (m_wake) m_wake();
  };
}

trace::pull replay::next(trace::record& out) {
  try {
    return advance(out);
  } catch (const base::input_error& e) {
    m_failure = std::make_exception_ptr(located(e, m_record));
    throw;
  }
}

// The recorded output is that of stage 1: without one there is nothing to compare it with, and an
// ATC sees that of both stages only.
void replay::hand_out(trace::record& out) const {
  const bool seen = m_spaces.has_stage1() && !(m_spaces.ats() && m_spaces.is_nested());
  out.has_output = out.has_output && seen;
}

trace::pull replay::advance(trace::record& out) {
  if (m_static) {
    if (!m_source.next(out)) return trace::pull::end;
    hand_out(out);
    return trace::pull::ready;
  }
  for (;;) {
    if (!m_have_record) {
      if (!m_source.next(m_record)) return settle() ? trace::pull::end : trace::pull::blocked;
      m_have_record = true;
    }
    switch (m_record.kind) {
      case trace::record_kind::event:
        m_counts.events += 1;
        break;
      case trace::record_kind::leaf:
        m_spaces.note_leaf(m_record);
        break;
      case trace::record_kind::command:
        if (command() == outcome::wait) return trace::pull::blocked;
        break;
      case trace::record_kind::request:
        throw base::input_error("replaying virtio-iommu requests is not supported yet");
      case trace::record_kind::access:
        if (access() == outcome::wait) return trace::pull::blocked;
        m_have_record = false;
        m_under_way.push_back(m_record);
        out = m_record;
        hand_out(out);
        return trace::pull::ready;
    }
    m_have_record = false;
  }
}

void replay::completed(const trace::record& access) {
  const auto it = std::find_if(m_under_way.begin(), m_under_way.end(), [&](const trace::record& r) {
    return r.line == access.line && r.address == access.address;
  });
  if (it == m_under_way.end()) return;
  *it = m_under_way.back();
  m_under_way.pop_back();
}

// --- commands -----------------------------------------------------------------------------------

replay::outcome replay::command() {
  const arch::command c = arch::decode_command(m_record.command);
  const bool by_range = c.op == arch::opcode::tlbi_nh_va || c.op == arch::opcode::tlbi_nh_vaa;
  const bool flush =
      !by_range && c.op >= arch::opcode::tlbi_nh_all && c.op <= arch::opcode::tlbi_nsnh_all;
  if (by_range && unmap(c) == outcome::wait) return outcome::wait;
  if (flush && flush_too_early(c)) return outcome::wait;
  const bool config = c.op >= arch::opcode::cfgi_ste && c.op <= arch::opcode::cfgi_cd_all;
  if (config && !m_under_way.empty()) return outcome::wait;
  const arch::command_words words = m_spaces.command_for(m_record.command);
  const bool done = c.op == arch::opcode::sync ? synchronise(words) : submit(words);
  if (!done) return outcome::wait;
  if (flush) note_atc(c, 0, ~std::uint64_t{0});
  if (flush) ++m_flushes;
  if (config) m_config_pending = true;
  m_counts.commands += 1;
  m_counts.by_opcode[std::string(arch::name(arch::decode_command(words).op))] += 1;
  return outcome::go;
}

// What software frees with a flush, the device had finished with: an access that the log has before
// the flush must not bring its translation back after it.
bool replay::flush_too_early(const arch::command& c) {
  if (c.op != arch::opcode::tlbi_nh_asid) return !m_under_way.empty();
  return in_flight({c.asid, c.vmid, 0, ~std::uint64_t{0}});
}

// Software unmaps once the device is done with the range, then invalidates.
replay::outcome replay::unmap(const arch::command& c) {
  const arch::invalidation scope(c, arch::idr(m_spaces.registers()));
  const std::uint64_t last = std::min(scope.last(), base::low_mask(48));
  const range r{c.asid, c.vmid, scope.first(), last};
  if (scope.first() > last) return outcome::go;
  if (in_flight(r)) return outcome::wait;
  if (m_driver->outstanding() >= smmu_drivers::capacity) return outcome::wait;
  m_spaces.unmap(c.asid, c.vmid, base::iova(r.first), base::bytes(last - r.first + 1), !c.leaf);
  m_pending.push_back(r);
  note_atc(c, r.first, r.last);
  return outcome::go;
}

bool replay::submit(const arch::command_words& words) {
  if (!m_driver->submit(words)) return false;
  m_unsynced = (words[0] & 0xff) != static_cast<std::uint64_t>(arch::opcode::sync);
  return true;
}

// A CMD_SYNC, and what the devices' ATCs are told then. All of it or nothing.
bool replay::synchronise(const arch::command_words& sync) {
  if (m_driver->outstanding() + m_atc.size() + 2 > smmu_drivers::capacity) return false;
  if (!submit(sync)) return false;
  if (m_atc.empty()) return true;
  for (const arch::command& c : m_atc) {
    if (!submit(arch::encode(c))) throw std::logic_error("no room for CMD_ATC_INV");
  }
  m_counts.atc_invalidations += m_atc.size();
  m_atc.clear();
  return submit(arch::encode(sync_command()));
}

// More than a driver's queue takes become one for each stream.
void replay::note_atc(const arch::command& c, std::uint64_t first, std::uint64_t last) {
  if (!m_spaces.ats()) return;
  std::optional<address_spaces::tags> of;
  if (c.op == arch::opcode::tlbi_nh_va || c.op == arch::opcode::tlbi_nh_asid) {
    of = address_spaces::tags{c.asid, c.vmid};
  }
  const std::vector<arch::command> due = m_spaces.atc_invalidations(of, first, last);
  m_atc.insert(m_atc.end(), due.begin(), due.end());
  if (m_atc.size() <= smmu_drivers::capacity / 2) return;
  m_atc = m_spaces.atc_invalidations(std::nullopt, 0, ~std::uint64_t{0});
}

// True when nothing is outstanding at the SMMU; what lacks a CMD_SYNC gets one.
bool replay::settle() {
  if (m_driver->outstanding() == 0) return true;
  if (m_unsynced) synchronise(arch::encode(sync_command()));
  return false;
}

bool replay::in_flight(const range& r) {
  return std::any_of(m_under_way.begin(), m_under_way.end(), [&](const trace::record& a) {
    return r.contains(m_spaces.tags_of(a.sid), a.address.value());
  });
}

// --- accesses -----------------------------------------------------------------------------------

replay::outcome replay::access() {
  if ((m_in_order || m_config_pending) && !settle()) return outcome::wait;
  if (!m_pending.empty()) {
    const address_spaces::tags t = m_spaces.tags_of(m_record.sid);
    const bool named = std::any_of(m_pending.begin(), m_pending.end(), [&](const range& r) {
      return r.contains(t, m_record.address.value());
    });
    if (named && !settle()) return outcome::wait;
  }
  switch (m_spaces.check(m_record)) {
    case address_spaces::need::nothing:
      break;
    case address_spaces::need::map:
      m_spaces.map(m_record);
      break;
    case address_spaces::need::remap:
      if (remap() == outcome::wait) return outcome::wait;
      break;
  }
  note_use();
  return outcome::go;
}

replay::outcome replay::remap() {
  const address_spaces::tags t = m_spaces.tags_of(m_record.sid);
  const std::uint64_t page = m_record.address.page_base(page_shift).value();
  const range r{t.asid, t.vmid, page, page + (1u << page_shift) - 1};
  if (in_flight(r) || !settle()) return outcome::wait;
  const auto used = m_last_use.find(page_key(m_record));
  const bool flushed = m_lazy && used != m_last_use.end() && used->second != m_flushes;
  const arch::table_change change = m_spaces.map(m_record);
  if (flushed && !change.table_freed) return outcome::go;
  // The trace has no invalidation for this change: software must have made one.
  arch::command c;
  c.op = arch::opcode::tlbi_nh_va;
  c.asid = t.asid;
  c.vmid = t.vmid;
  c.address = page;
  if (!submit(m_spaces.command_for(arch::encode(c)))) return outcome::wait;
  note_atc(c, r.first, r.last);
  if (!synchronise(arch::encode(sync_command()))) return outcome::wait;
  m_counts.forced_invalidations += 1;
  m_pending.push_back(r);
  return outcome::wait;  // the table now agrees, so only the CMD_SYNC is waited for
}

void replay::note_use() {
  if (m_lazy) m_last_use[page_key(m_record)] = m_flushes;
}

}  // namespace svasim::platforms
