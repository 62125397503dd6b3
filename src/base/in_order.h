// A loop whose results are made by several threads and used by one, in order: what it does is what
// the plain loop does, sooner.
#pragma once

#include <cstddef>
#include <deque>
#include <future>

namespace svasim::base {

/// Calls use(i, make(i)) for i = 0, 1, ..., count - 1, until use() returns false; what make()
/// throws is thrown at its turn. make() is called by up to `threads` threads (at least 1) at once,
/// a few i ahead, so it must not change anything that others see; where the system has no room for
/// a thread, the caller's does the work.
template <class Make, class Use>
void in_order(std::size_t count, unsigned threads, const Make& make, const Use& use) {
  std::deque<std::future<decltype(make(std::size_t{}))>> ahead;
  std::size_t started = 0;
  for (std::size_t i = 0; i < count; ++i) {
    while (started < count && started - i < threads) {
      ahead.push_back(std::async(std::launch::async | std::launch::deferred,
                                 [&make, started] { return make(started); }));
      ++started;
    }
    auto made = ahead.front().get();
    ahead.pop_front();
    if (!use(i, std::move(made))) return;
  }
}

}  // namespace svasim::base
