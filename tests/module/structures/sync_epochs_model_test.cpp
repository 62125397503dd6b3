// The epochs of CMD_SYNC against a list of every transaction there ever was.
#include "tlm/smmu/sync_epochs.h"

#include <algorithm>
#include <catch2/catch.hpp>

#include "steps.h"
#include "tests/support/time_matchers.h"

using namespace svasim;
using base::duration;
using base::ns;
using smmu::sync_epochs;

namespace {

class pair_under_test {
 public:
  bool step(std::uint64_t word) {
    test::dice d(word);
    m_now = m_now + ns(d.below(3));
    const std::uint64_t kind = d.below(8);
    if (kind < 4) {
      m_all.push_back({m_epoch, m_epochs.enter()});
    } else if (kind < 7) {
      if (!leave(d.below(16), m_now + ns(d.below(5)))) return false;
    } else {
      const bool may_begin = inside(m_epoch - 1) == 0;
      if (m_epochs.begin() != may_begin) return false;
      m_epoch += may_begin ? 1 : 0;
    }
    return m_epochs.over_at() == over_at();
  }

 private:
  struct transaction {
    int epoch;
    std::uint8_t name;
    bool is_inside = true;
    duration left{};
  };
  std::ptrdiff_t inside(int epoch) const {
    return std::count_if(m_all.begin(), m_all.end(),
                         [epoch](const transaction& t) { return t.epoch == epoch && t.is_inside; });
  }
  // The n-th that is inside.
  bool leave(std::uint64_t n, duration at) {
    std::vector<transaction*> all;
    for (transaction& t : m_all) {
      if (t.is_inside) all.push_back(&t);
    }
    if (all.empty()) return true;
    transaction& t = *all[n % all.size()];
    t.is_inside = false;
    t.left = at;
    return m_epochs.leave(t.name, at) == (t.epoch == m_epoch - 1 && inside(t.epoch) == 0);
  }
  duration over_at() const {
    duration last;
    for (const transaction& t : m_all) {
      if (t.epoch != m_epoch - 1) continue;
      if (t.is_inside) return kit::never;
      last = std::max(last, t.left);
    }
    return last;
  }

  sync_epochs m_epochs;
  std::vector<transaction> m_all;
  int m_epoch = 0;
  duration m_now;
};

}  // namespace

TEST_CASE("a CMD_SYNC is over when the last transaction taken before it completes") {
  REQUIRE(rc::check([] {
    pair_under_test pair;
    for (const std::uint64_t word : test::any_steps(200)) {
      if (!pair.step(word)) return false;
    }
    return true;
  }));
}

TEST_CASE("transactions taken after a CMD_SYNC do not hold it up") {
  sync_epochs e;
  const std::uint8_t before = e.enter();
  REQUIRE(e.begin());
  const std::uint8_t after = e.enter();
  CHECK(e.over_at() == kit::never);
  CHECK_FALSE(e.leave(after, ns(9)));
  CHECK_FALSE(e.begin());
  CHECK(e.leave(before, ns(5)));
  CHECK(e.over_at() == ns(5));
  CHECK(e.begin());
  CHECK(e.over_at() == ns(9));
}

TEST_CASE("a CMD_SYNC with nothing before it is over at once") {
  sync_epochs e;
  CHECK(e.begin());
  CHECK(e.over_at() == ns(0));
}
