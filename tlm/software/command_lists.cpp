#include "tlm/software/command_lists.h"

#include <algorithm>

#include "tlm/kit/time.h"

namespace svasim::software {

using kit::now;

namespace {
constexpr std::uint32_t msi_words = 64;  // CMD_SYNCs by MSI in turn
}  // namespace

void command_lists_params::describe(describe::visitor& v) {
  v.field("prepare", prepare, base::ns(0), base::us(100),
          "Processor time to build a command, without its store.", "A: assumed");
  v.field("reserve", reserve, base::ns(0), base::us(100),
          "Reserve places in the queue when nobody else does.", "A: assumed");
  v.field("contention", contention, base::ns(0), base::us(100),
          "More of it for each other thread that reserves at the time.",
          "D: fitted to issue_cmdlist of 64 threads (measurements 4.2)");
  v.field("poll", poll, base::ns(1), base::us(100), "A turn of a waiting loop, without its read.",
          "A: assumed");
  v.field("msi_wake", msi_wake, base::ns(0), base::us(100),
          "By MSI: from the write of the word until a core that waits for it (WFE) looks again.",
          "A: none");
  v.field("batch", batch, {1, 1024}, "commands", "Commands of a list, without its CMD_SYNC.",
          "T: CMDQ_BATCH_ENTRIES 64 (vsva-flow 8)");
  v.choice("completion", completion,
           {{"poll", command_completion::poll}, {"msi", command_completion::msi}},
           "How the driver learns that a CMD_SYNC is complete.", "T: IHI 0070 4.7.3");
}

command_lists::command_lists(const command_lists_params& params, const ring& where,
                             stats::group* parent, const char* stats_name)
    : m_params(params), m_ring(where), m_stats(parent, stats_name) {}

void command_lists::issue(kit::task& t, const arch::command* commands, std::size_t n, bool sync) {
  // What is longer than the queue goes in parts, the sync behind the last.
  while (n + (sync ? 1 : 0) > m_ring.entries) {
    const std::size_t part = std::min<std::size_t>(n, m_ring.entries);
    issue(t, commands, part, false);
    commands += part;
    n -= part;
  }
  const auto count = static_cast<std::uint32_t>(n) + (sync ? 1u : 0u);
  if (count == 0) return;
  const base::duration begun = now();
  const kit::interrupts_off off(t);
  ++m_busy;
  const std::uint32_t start = reserve(t, count);
  for (std::uint32_t i = 0; i < n; ++i) write(t, start + i, commands[i]);
  std::uint32_t number = 0;
  std::uint64_t msi = 0;
  if (sync) {
    arch::command c;
    c.op = arch::opcode::sync;
    if (m_params.completion == command_completion::msi) {
      number = ++m_sync_number;
      msi = m_ring.msi + number % msi_words * std::uint64_t{64};
      c.signal = arch::sync_signal::interrupt;
      c.msi_data = number;
      c.address = msi;
    }
    write(t, start + static_cast<std::uint32_t>(n), c);
  }
  const std::uint32_t end = (start + count) & mask();
  publish(t, start, end);
  if (sync) {
    const base::duration published = now();
    wait_for(t, end, number, msi);
    m_stats.syncs += 1;
    m_stats.sync_time.add(now() - published);
  }
  m_stats.lists += 1;
  m_stats.list_time.add(now() - begun);
  --m_busy;
}

// One thread at a time succeeds; the others' attempts make it slower.
std::uint32_t command_lists::reserve(kit::task& t, std::uint32_t n) {
  m_reserving.lock(t, m_params.poll);
  t.compute(m_params.reserve +
            base::duration(m_params.contention.value() * (m_reserving.users() - 1)));
  bool full = false;
  while (((m_prod - m_cons) & mask()) + n > m_ring.entries) {
    m_stats.full += full ? 0 : 1;
    full = true;
    read_cons(t);
  }
  const std::uint32_t start = m_prod;
  m_prod = (m_prod + n) & mask();
  m_reserving.unlock();
  return start;
}

void command_lists::write(kit::task& t, std::uint32_t index, const arch::command& c) {
  t.compute(m_params.prepare);
  const arch::command_words words = arch::encode(c);
  t.write(m_ring.base + (index & (m_ring.entries - 1)) * std::uint64_t{16}, words.data(), 16);
  m_stats.commands += 1;
}

void command_lists::publish(kit::task& t, std::uint32_t start, std::uint32_t end) {
  while (m_published != start) t.compute(m_params.poll);
  t.write_register(m_ring.registers + m_ring.prod, end | m_ring.prod_flags);
  m_published = end;
}

void command_lists::read_cons(kit::task& t) {
  m_cons = t.read_register(m_ring.registers + m_ring.cons) & mask();
  m_stats.polls += 1;
  t.compute(m_params.poll);
}

// Has the SMMU, by what was last read, consumed everything before `end`?
bool command_lists::passed(std::uint32_t end) const {
  return ((m_prod - m_cons) & mask()) <= ((m_prod - end) & mask());
}

void command_lists::wait_for(kit::task& t, std::uint32_t end, std::uint32_t number,
                             std::uint64_t msi) {
  if (number == 0) {
    while (!passed(end)) read_cons(t);
    return;
  }
  for (;;) {
    std::uint32_t seen = 0;
    t.read(msi, &seen, sizeof seen);
    m_stats.polls += 1;
    // Others in turn may have used the word since.
    if (seen >= number) break;
    t.compute(m_params.poll);
  }
  t.compute(m_params.msi_wake);
  if (!passed(end)) m_cons = end;
}

}  // namespace svasim::software
