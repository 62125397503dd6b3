// Nothing is lost and nothing hangs when every queue of the device is one deep.
#include <rapidcheck.h>

#include <catch2/catch.hpp>

#include "ats_bench.h"

using namespace svasim;
using base::ns;
using base::us;
using test::ats_bench;
using test::run_dry;

namespace {

// A storm: absent pages, some of which never come, invalidations, and a host that loses requests.
void storm(const device::atc_params& p) {
  ats_bench b(p);
  base::rng random(7);
  b.host.interval = ns(3);
  b.host.on_page_request = [&](const arch::page_request& r) {
    if (r.is_stop_marker()) return;
    if (random.chance(3, 4)) b.host.map(r.address, 0x80000000 + r.address);
    if (r.last && random.chance(9, 10)) b.host.respond(r.prg_index);
  };
  // As an engine does: one more when the link of the device has taken the last.
  std::uint64_t sent = 0;
  const auto next = [&] {
    ++sent;
    b.access(random.chance(1, 2), random.below(24) << 12,
             static_cast<std::uint32_t>(random.below(3)));
  };
  while (sent < 400) {
    if (b.engine.requests.empty() || b.engine.requests.back().accepted != kit::never) next();
    if (random.chance(1, 8)) {
      const std::uint64_t page = random.below(24) << 12;
      b.host.pages.erase(page);
      b.host.invalidate(page, 12, static_cast<std::uint8_t>(random.below(32)));
    }
    test::run_until(kit::now() + ns(random.below(200)));
  }
  run_dry();
  b.check_drained();
  CHECK(b.stats().invalidations.value() == b.stats().completions.value());
  CHECK(b.host.completions.size() == b.stats().completions.value());
  CHECK(b.pri_stats().outstanding.current() == 0);
  CHECK(b.pri_stats().open_groups.current() == 0);
  CHECK(b.pri_stats().groups.value() ==
        b.pri_stats().succeeded.value() + b.pri_stats().timeouts.value());
  CHECK(b.stats().failed.value() == 0);
}

device::atc_params quick() {
  device::atc_params p;
  p.page_requests.timeout = us(20);
  p.page_requests.retry_pause = ns(100);
  return p;
}

}  // namespace

TEST_CASE("a storm with queues of the usual depth loses nothing") {
  storm(quick());
}

TEST_CASE("a storm with one slot loses nothing") {
  device::atc_params p = quick();
  p.slots = 1;
  storm(p);
}

TEST_CASE("a storm with one Translation Request at a time loses nothing") {
  device::atc_params p = quick();
  p.requests = 1;
  p.prefetch = 2;
  storm(p);
}

TEST_CASE("a storm with several translations a request, one request at a time, loses nothing") {
  device::atc_params p = quick();
  p.requests = 1;
  p.translations_per_request = 8;
  storm(p);
}

TEST_CASE("a storm with one credit loses nothing") {
  device::atc_params p = quick();
  p.page_requests.allocation = 1;
  storm(p);
}

TEST_CASE("a storm with one PRG index loses nothing") {
  device::atc_params p = quick();
  p.page_requests.indices = 1;
  storm(p);
}

TEST_CASE("a storm with one Invalidate Request in the device loses nothing") {
  device::atc_params p = quick();
  p.invalidate_queue = 1;
  storm(p);
}

TEST_CASE("a storm with everything one deep loses nothing") {
  device::atc_params p = quick();
  p.entries = p.ways = 1;
  p.ports = 1;
  p.slots = p.requests = p.invalidate_queue = 1;
  p.coalesce = false;
  p.page_requests.indices = p.page_requests.allocation = p.page_requests.group_pages = 1;
  storm(p);
}
