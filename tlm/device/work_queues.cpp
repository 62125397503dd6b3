#include "tlm/device/work_queues.h"

#include <algorithm>
#include <stdexcept>

#include "base/bits.h"
#include "tlm/kit/time.h"

namespace svasim::device {

using kit::now;

void work_queue_params::describe(describe::visitor& v) {
  v.field("queues", queues, {1, 4096}, "queues", "Work queues.", "M: 8 of Intel DSA");
  v.field("depth", depth, {1, 65536}, "works", "Works in one queue, until they are done.",
          "M: Intel DSA has 128 for 8 queues");
  v.field("burst", burst, {1, 65536}, "accesses",
          "Accesses of one queue before the next queue has its turn.", "A: one");
  v.field("probes", probes, {0, 65536}, "accesses",
          "First accesses to pages that may be under way at a time, and so faults; 0: no limit.",
          "A: no limit; 1 for the device of measurements 3.1");
}

work_queues::work_queues(const work_queue_params& params, stats::group* parent)
    : m_params(params), m_stats(parent), m_queues(params.queues) {
  for (queue& q : m_queues) {
    q.entries.resize(params.depth);
    q.order.resize(params.depth);
  }
}

bool work_queues::submit(std::uint32_t index, const work& w) {
  if (w.length == 0 || w.access_length == 0) throw std::logic_error("a work without accesses");
  queue& q = m_queues.at(index);
  if (q.used == m_params.depth) {
    m_stats.refused += 1;
    return false;
  }
  std::uint32_t slot = 0;
  while (q.entries[slot].used) ++slot;
  entry& e = q.entries[slot];
  e = entry{};
  e.what = w;
  e.submitted = now();
  e.accesses = base::divide_up(w.length, w.access_length);
  e.used = true;
  q.order[(q.head + q.count++) % m_params.depth] = slot;
  q.used += 1;
  m_stats.submitted += 1;
  m_stats.queued.change(now(), 1);
  if (m_wake) m_wake();
  return true;
}

void work_queues::close() {
  m_closed = true;
  if (m_wake) m_wake();
}

trace::pull work_queues::next(trace::record& out) {
  const std::uint32_t first = m_burst == m_params.burst ? m_turn + 1 : m_turn;
  for (std::uint32_t n = 0; n < m_params.queues; ++n) {
    const std::uint32_t index = (first + n) % m_params.queues;
    const queue& q = m_queues[index];
    if (q.count == 0 || !may_give(q.entries[q.order[q.head]])) continue;
    if (n != 0 || first != m_turn) m_burst = 0;
    m_turn = index;
    m_burst += 1;
    give(index, out);
    return trace::pull::ready;
  }
  const bool over = m_closed && std::all_of(m_queues.begin(), m_queues.end(),
                                            [](const queue& q) { return q.count == 0; });
  return over ? trace::pull::end : trace::pull::blocked;
}

namespace {

// A bijection of the numbers of `bits` bits.
std::uint64_t scrambled(std::uint64_t x, unsigned bits, std::uint64_t seed) {
  const std::uint64_t mask = base::low_mask(bits);
  for (unsigned round = 0; round < 4; ++round) {
    x = (x + (seed >> 8 * round)) * 0x9e3779b97f4a7c15u & mask;
    x ^= x >> (bits + 1) / 2;
  }
  return x;
}

// Number `n` of `count` in a random order that has each once: what is beyond is scrambled again.
std::uint64_t shuffled(std::uint64_t n, std::uint64_t count, std::uint64_t seed) {
  unsigned bits = 1;
  while (bits < 63 && (std::uint64_t{1} << bits) < count) ++bits;
  do {
    n = scrambled(n, bits, seed);
  } while (n >= count);
  return n;
}

constexpr std::uint64_t page_bytes = 4096;
constexpr std::uint64_t probe_bit = std::uint64_t{1} << 63;

std::uint64_t accesses_in_page(const work& w) {
  return w.access_length < page_bytes ? page_bytes / w.access_length : 1;
}
// By the number of its turn.
std::uint64_t page_of(const work& w, std::uint64_t turn, std::uint64_t pages) {
  return w.order == trace::message_order::random ? shuffled(turn, pages, w.seed) : turn;
}

}  // namespace

// --- which access is next -----------------------------------------------------------------------

bool work_queues::may_give(const entry& e) const {
  if (m_params.probes == 0 || e.page < e.opened) return true;
  const std::uint64_t pages = base::divide_up(e.accesses, accesses_in_page(e.what));
  return e.probed == e.opened && e.probed < pages && m_probes < m_params.probes;
}

std::uint64_t work_queues::next_of(entry& e, bool& probe) {
  if (m_params.probes != 0) return next_probed(e, probe);
  const bool random = e.what.order == trace::message_order::random;
  return random ? shuffled(e.given, e.accesses, e.what.seed) : e.given;
}

// The next probe as soon as the one before is answered, else the rest of the pages that are open.
std::uint64_t work_queues::next_probed(entry& e, bool& probe) {
  const std::uint64_t each = accesses_in_page(e.what);
  const std::uint64_t pages = base::divide_up(e.accesses, each);
  probe = e.probed == e.opened && e.probed < pages && m_probes < m_params.probes;
  std::uint64_t index;
  if (probe) {
    index = page_of(e.what, e.probed, pages) * each;
    e.probed += 1;
    m_probes += 1;
    m_stats.probing.change(now(), 1);
  } else {
    index = page_of(e.what, e.page, pages) * each + e.within;
    e.within += 1;
  }
  skip_done_pages(e);
  return index;
}

// Goes on to a page that has more than its probe to give.
void work_queues::skip_done_pages(entry& e) {
  const std::uint64_t each = accesses_in_page(e.what);
  const std::uint64_t pages = base::divide_up(e.accesses, each);
  while (e.page < e.opened) {
    const std::uint64_t first = page_of(e.what, e.page, pages) * each;
    if (e.within < std::min(each, e.accesses - first)) return;
    e.page += 1;
    e.within = 1;
  }
}

void work_queues::give(std::uint32_t queue_index, trace::record& out) {
  queue& q = m_queues[queue_index];
  const std::uint32_t slot = q.order[q.head];
  entry& e = q.entries[slot];
  const work& w = e.what;
  bool probe = false;
  const std::uint64_t offset = next_of(e, probe) * w.access_length;
  const std::uint64_t pages = base::divide_up(w.length, page_bytes);
  const std::uint64_t read_pages = pages - pages * w.write_percent / 100;
  out = trace::record{};
  out.sid = w.sid;
  out.has_ssid = w.has_ssid;
  out.ssid = w.ssid;
  out.address = w.address + offset;
  out.length =
      static_cast<std::uint32_t>(std::min<std::uint64_t>(w.access_length, w.length - offset));
  out.write = offset / page_bytes >= read_pages;
  out.line = (probe ? probe_bit : 0) | std::uint64_t{queue_index} << 32 | slot;
  m_stats.accesses += 1;
  if (++e.given != e.accesses) return;
  q.head = (q.head + 1) % m_params.depth;
  q.count -= 1;
}

void work_queues::done(const trace::record& access, bool ok) {
  queue& q = m_queues[(access.line & ~probe_bit) >> 32];
  entry& e = q.entries[access.line & 0xffffffff];
  if ((access.line & probe_bit) != 0) {
    e.opened += 1;
    skip_done_pages(e);
    m_probes -= 1;
    m_stats.probing.change(now(), -1);
    if (m_wake) m_wake();
  }
  e.ok = e.ok && ok;
  m_stats.failed_accesses += ok ? 0 : 1;
  if (++e.done != e.accesses) return;
  (e.ok ? m_stats.completed : m_stats.failed) += 1;
  m_stats.time.add(now() - e.submitted);
  m_stats.queued.change(now(), -1);
  q.used -= 1;
  e.used = false;
  if (on_done) on_done(e.what.id, e.ok);
}

}  // namespace svasim::device
