// Against a naive model of what a device may do: it knows which translation each page has had and
// when its invalidation was acknowledged, and nothing else.
#include <rapidcheck.h>
#include <sys/wait.h>
#include <unistd.h>

#include <catch2/catch.hpp>
#include <set>

#include "ats_bench.h"
#include "base/child_process.h"

using namespace svasim;
using base::ns;
using test::ats_bench;
using test::run_dry;
using test::run_until;

namespace {

constexpr std::uint64_t pages = 6;

// A page leads somewhere new each time it is mapped; an old place is dead from the completion of
// the invalidation on. Writes are checked when they are in memory behind the completion, so the
// model is told of a completion when it arrives at the host.
struct naive_model {
  std::set<std::uint64_t> dead;  // output pages
  std::uint64_t next_output = 0x100000;
  std::map<unsigned, std::vector<std::uint64_t>> dying;  // by ITag
};

struct scenario {
  std::uint64_t seed;
  unsigned steps;
};

std::string run(const scenario& s) {
  base::rng random(s.seed);
  device::atc_params p;
  p.entries = 1u << random.below(4);
  p.ways = 1;
  p.sizes = random.chance(1, 2) ? device::atc_sizes::any : device::atc_sizes::smallest_only;
  p.coalesce = random.chance(3, 4);
  p.prefetch = static_cast<std::uint32_t>(random.below(3));
  p.translations_per_request = 1u << random.below(3);
  p.slots = 1 + static_cast<std::uint32_t>(random.below(12));
  p.requests = 1 + static_cast<std::uint32_t>(random.below(4));
  p.invalidate_queue = 1 + static_cast<std::uint32_t>(random.below(4));
  p.drain_writes = random.chance(1, 2);
  p.page_requests.retry_pause = ns(50);
  ats_bench b(p);
  b.host.early = random.chance(1, 2);
  b.host.interval = ns(random.below(20));
  naive_model model;
  std::string wrong;
  const auto map = [&](std::uint64_t page) {
    b.host.map(page << 12, model.next_output << 12);
    model.next_output += 1;
  };
  b.host.on_page_request = [&](const arch::page_request& r) {
    if (b.host.find(r.address) == nullptr) map(r.address >> 12);
    if (r.last) b.host.respond(r.prg_index);
  };
  b.host.on_dma = [&](const test::ats_host::dma& d) {
    if (model.dead.count(d.output >> 12) != 0) wrong = "a dead translation was used";
  };
  b.host.on_completion = [&](const arch::ats_message& m) {
    const auto itag = static_cast<unsigned>(__builtin_ctz(m.itags));
    for (const std::uint64_t output : model.dying[itag]) {
      model.dead.insert(output);
      for (const auto& r : b.engine.requests) {
        // A read on its way: its translation must have been finished with before.
        if (r.answered == kit::never && r.p->is_read() &&
            kit::extension_of(*r.p).at == arch::transaction_kind::translated &&
            r.p->get_address() >> 12 == output) {
          wrong = "a read was not drained";
        }
      }
    }
    model.dying.erase(itag);
  };
  for (unsigned step = 0; step < s.steps; ++step) {
    if (b.engine.requests.empty() || b.engine.requests.back().accepted != kit::never) {
      b.access(random.chance(1, 2), random.below(pages) << 12 | random.below(64) << 6);
    }
    if (random.chance(1, 4) && model.dying.size() < 32) {
      const std::uint64_t page = random.below(pages);
      unsigned itag = 0;
      while (model.dying.count(itag) != 0) ++itag;
      model.dying[itag];
      if (const auto* m = b.host.find(page << 12)) model.dying[itag].push_back(m->output >> 12);
      b.host.pages.erase(page << 12);
      if (random.chance(1, 2)) map(page);
      b.host.invalidate(page << 12, 12, static_cast<std::uint8_t>(itag));
    }
    run_until(kit::now() + ns(random.below(120)));
  }
  run_dry();
  if (wrong.empty() && !model.dying.empty()) wrong = "an invalidation was not completed";
  if (wrong.empty() && !b.atc.idle()) wrong = "something is left";
  for (const auto& r : b.engine.requests) {
    if (wrong.empty() && (r.answers != 1 || !r.p->is_response_ok())) wrong = "a request was lost";
  }
  return wrong;
}

}  // namespace

TEST_CASE("no translation is used after its invalidation was acknowledged, and all are") {
  CHECK(rc::check([] {
    const scenario s{*rc::gen::arbitrary<std::uint64_t>(), 150};
    // One simulation per process.
    const std::string wrong = base::in_child([&] { return run(s); });
    RC_ASSERT(wrong == std::string());
  }));
}
