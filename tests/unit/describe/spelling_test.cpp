#include "describe/spelling.h"

#include <rapidcheck.h>

#include <algorithm>
#include <catch2/catch.hpp>
#include <string>

namespace svasim::describe::test {
namespace {

TEST_CASE("a dropped, added, replaced or swapped character is one step") {
  CHECK(edit_distance("entries", "entries") == 0);
  CHECK(edit_distance("entries", "entres") == 1);
  CHECK(edit_distance("entries", "enttries") == 1);
  CHECK(edit_distance("entries", "entriez") == 1);
  CHECK(edit_distance("entries", "entires") == 1);
  CHECK(edit_distance("", "abc") == 3);
  CHECK(edit_distance("kitten", "sitting") == 3);
}

// The definition, without a table: the cheapest way to make the last characters agree.
std::size_t naive_distance(const std::string& a, const std::string& b) {
  if (a.empty() || b.empty()) return a.size() + b.size();
  const std::string a1 = a.substr(0, a.size() - 1);
  const std::string b1 = b.substr(0, b.size() - 1);
  std::size_t best = std::min({naive_distance(a1, b) + 1, naive_distance(a, b1) + 1,
                               naive_distance(a1, b1) + (a.back() == b.back() ? 0 : 1)});
  if (a1.size() > 0 && b1.size() > 0 && a.back() == b1.back() && a1.back() == b.back()) {
    best = std::min(best,
                    naive_distance(a1.substr(0, a1.size() - 1), b1.substr(0, b1.size() - 1)) + 1);
  }
  return best;
}

TEST_CASE("the distance is the one of the definition") {
  REQUIRE(rc::check([] {
    const auto word = rc::gen::container<std::string>(*rc::gen::inRange<std::size_t>(0, 7),
                                                      rc::gen::element('a', 'b', 'c'));
    const std::string a = *word;
    const std::string b = *word;
    return edit_distance(a, b) == naive_distance(a, b);
  }));
}

TEST_CASE("only a near name is suggested, the nearest and first") {
  const std::vector<std::string> names = {"entries", "ways", "latency", "entrees"};
  CHECK(nearest_name("entires", names) == "entries");
  CHECK(nearest_name("entrie", names) == "entries");
  CHECK(nearest_name("wais", names) == "ways");
  CHECK(nearest_name("wayz", {"wayx", "wayy"}) == "wayx");
  CHECK(nearest_name("size", names).empty());
  CHECK(nearest_name("", names).empty());
  CHECK(nearest_name(std::string(100, 'e'), names).empty());
  CHECK(nearest_name("x", {}).empty());
}

}  // namespace
}  // namespace svasim::describe::test
