#include <fmt/format.h>

#include <charconv>
#include <chrono>
#include <ctime>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "analysis/reuse/reuse.h"
#include "analysis/text.h"
#include "app/commands.h"
#include "base/bits.h"
#include "base/error.h"
#include "base/file.h"
#include "workloads/open_trace.h"

namespace svasim::app {
namespace {

using wall_clock = std::chrono::steady_clock;

// "4096", "4K", "4KiB", "2M", "1GiB".
std::uint64_t page_bytes(const std::string& text) {
  const auto fail = [&](const char* what) -> std::uint64_t {
    throw base::input_error(
        fmt::format("--page {}: {}, such as 4K, 64K or 2M", base::printable(text), what));
  };
  std::uint64_t n = 0;
  const char* const end = text.data() + text.size();
  const auto [rest, error] = std::from_chars(text.data(), end, n);
  if (error != std::errc()) return fail("not a page size");
  const std::string_view unit(rest, static_cast<std::size_t>(end - rest));
  unsigned shift = 0;
  if (!unit.empty()) {
    const std::size_t power = std::string_view("KMGT").find(unit[0]);
    if (power == std::string_view::npos || (unit.size() > 1 && unit.substr(1) != "iB")) {
      return fail("not a page size");
    }
    shift = 10 * (static_cast<unsigned>(power) + 1);
  }
  if (!base::is_power_of_two(n)) return fail("a page size is a power of two");
  if (n > std::uint64_t{1} << 47 >> shift) return fail("a page size is at most 128T");
  return n << shift;
}

std::uint64_t not_negative(const char* option, std::int64_t n) {
  if (n < 0) throw base::input_error(fmt::format("{} {}: below 0", option, n));
  return static_cast<std::uint64_t>(n);
}

reuse::options options_of(const reuse_options& o) {
  reuse::options out;
  for (const std::string& page : o.pages) out.page_bytes.push_back(page_bytes(page));
  if (o.ways) {
    // In the result 0 ways stand for fully associative, which is there anyway.
    if (*o.ways == 0) throw base::input_error("--ways 0: a number of ways is at least 1");
    out.caches.ways = *o.ways;
  }
  out.caches.max_entries = not_negative("--max-entries", o.max_entries);
  out.max_pages = not_negative("--max-pages", o.max_pages);
  out.total_only = o.total;
  if (!o.sample.empty()) {
    out.caches.rate = reuse::sample_rate::parse(o.sample);
    if (!out.caches.rate) {
      throw base::input_error(
          fmt::format("--sample {}: a rate is above 0 and at most 1, such as "
                      "0.01, with at most nine decimals",
                      base::printable(o.sample)));
    }
  }
  reuse::check(out);
  return out;
}

// How fast accesses go through the fully associative curve of the whole trace: its records, decoded
// before, over and over for a second.
class speed_test {
 public:
  explicit speed_test(const std::string& file)
      : m_source(workloads::open_trace(file)), m_tags(m_source->about().streams) {
    for (trace::record r; m_records.size() < max_records && m_source->next(r);) {
      m_accesses += r.kind == trace::record_kind::access ? std::uint64_t{1} + r.repeats : 0;
      m_records.push_back(r);
    }
  }

  void run(unsigned page_shift, std::uint64_t max_pages, bool invalidations) const {
    if (m_accesses == 0) return;
    reuse::scope_options o;
    o.page_shift = page_shift;
    o.max_pages = max_pages;
    (invalidations ? o.without_invalidations : o.with_invalidations) = false;
    reuse::scope scope(o, m_tags);
    reuse::invalidation_reader reader(m_tags, m_source->about().granule_shift);
    std::uint64_t rounds = 0;
    // Of this process, so that what else the machine does takes nothing off.
    const std::clock_t start = std::clock();
    double seconds = 0;
    while (seconds < 1) {
      replay(scope, reader, invalidations);
      ++rounds;
      seconds = static_cast<double>(std::clock() - start) / CLOCKS_PER_SEC;
    }
    fmt::print(stderr,
               "reuse: {:.1f} M accesses/s exact, fully associative, {} ({} accesses repeated {} "
               "times, {:.2f} s of CPU time)\n",
               static_cast<double>(m_accesses * rounds) / seconds / 1e6,
               invalidations ? "with invalidations" : "none invalidated",
               analysis::count_text(m_accesses), analysis::count_text(rounds), seconds);
  }

  unsigned granule_shift() const { return m_source->about().granule_shift; }

 private:
  static constexpr std::size_t max_records = 1 << 20;

  void replay(reuse::scope& scope, reuse::invalidation_reader& reader, bool invalidations) const {
    for (const trace::record& r : m_records) {
      if (r.kind == trace::record_kind::access) {
        scope.access(r.sid, r.address, r.repeats);
      } else if (invalidations) {
        scope.invalidate(reader.read(r));
      }
    }
  }

  std::unique_ptr<trace::source> m_source;
  reuse::stream_tags m_tags;
  std::vector<trace::record> m_records;
  std::uint64_t m_accesses = 0;
};

}  // namespace

int reuse(const reuse_options& o) {
  const reuse::options options = options_of(o);
  base::check_replaceable(o.out);  // before the work
  const auto start = wall_clock::now();
  const reuse::result result = reuse::analyse(*workloads::open_trace(o.trace), options);
  const double seconds = std::chrono::duration<double>(wall_clock::now() - start).count();
  const std::string out =
      o.json ? reuse::json_text(result, o.causes) : reuse::text(result, o.causes);
  if (o.out.empty()) {
    fmt::print("{}", out);
  } else {
    base::write_file_atomically(o.out, out);
  }
  if (!o.quiet) {
    fmt::print(stderr, "reuse: {} accesses read and counted in {:.2f} s\n",
               analysis::count_text(result.accesses), seconds);
    const speed_test test(o.trace);
    const unsigned shift =
        options.page_bytes.empty() ? test.granule_shift() : base::log2_floor(options.page_bytes[0]);
    for (const bool invalidations : {false, true}) {
      test.run(shift, options.max_pages, invalidations);
    }
  }
  return 0;
}

}  // namespace svasim::app
