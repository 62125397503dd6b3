#include "analysis/text.h"

#include <rapidcheck.h>

#include <catch2/catch.hpp>
#include <numeric>

using namespace svasim::analysis;

TEST_CASE("counts have their thousands separated") {
  CHECK(count_text(0) == "0");
  CHECK(count_text(999) == "999");
  CHECK(count_text(1000) == "1,000");
  CHECK(count_text(1234567) == "1,234,567");
  CHECK(count_text(18446744073709551615u) == "18,446,744,073,709,551,615");
}

TEST_CASE("times have four significant digits in the largest unit that fits") {
  CHECK(time_text(0) == "0 ns");
  CHECK(time_text(482) == "482 ps");
  CHECK(time_text(1000) == "1.000 ns");
  CHECK(time_text(12345) == "12.35 ns");
  CHECK(time_text(611649) == "611.6 ns");
  CHECK(time_text(1430000) == "1.430 \u00b5s");
  CHECK(time_text(2514000000) == "2.514 ms");
  CHECK(time_text(12345000000000000) == "12,345 s");
}

TEST_CASE("a time that rounds up to the next unit is written in it") {
  CHECK(time_text(999949) == "999.9 ns");
  CHECK(time_text(999950) == "1.000 \u00b5s");
  CHECK(time_text(9999499) == "9.999 \u00b5s");
  CHECK(time_text(9999500) == "10.00 \u00b5s");
}

TEST_CASE("what was not measured is a dash") {
  CHECK(time_text(std::optional<std::uint64_t>()) == "\u2013");
  CHECK(mean_text(10, 0) == "\u2013");
  CHECK(percent_text(0, 0, 1) == "\u2013");
}

TEST_CASE("rates and sizes carry their units") {
  CHECK(rate_text(3412000000) == "3.412 GB/s");
  CHECK(rate_text(12) == "12 B/s");
  CHECK(size_text(6400) == "6.250 KiB");
  CHECK(size_text(1ull << 30) == "1.000 GiB");
}

TEST_CASE("only nothing is 0 percent and only all is 100 percent") {
  CHECK(percent_text(0, 7, 1) == "0.0 %");
  CHECK(percent_text(7, 7, 1) == "100.0 %");
  CHECK(percent_text(1, 1000000, 1) == "<0.1 %");
  CHECK(percent_text(999999, 1000000, 2) == ">99.99 %");
  CHECK(percent_text(1, 3, 1) == "33.3 %");
  CHECK(percent_text(2, 3, 2) == "66.67 %");
}

TEST_CASE("scaled does not overflow on the way") {
  CHECK(scaled(18446744073709551615u, 1000, 18446744073709551615u) == 1000);
  CHECK(scaled(1, 1, 2) == 1);  // half up
}

TEST_CASE("equal remainders go to the earlier part") {
  CHECK(apportion({1, 1, 1}, 100) == std::vector<std::uint64_t>{34, 33, 33});
  CHECK(apportion({0, 0}, 100) == std::vector<std::uint64_t>{0, 0});
  CHECK(apportion({}, 100).empty());
}

TEST_CASE("shares add up to the total and miss their exact value by less than one") {
  REQUIRE(rc::check([](const std::vector<std::uint32_t>& raw, std::uint16_t total) {
    const std::vector<std::uint64_t> parts(raw.begin(), raw.end());
    const std::uint64_t sum = std::accumulate(parts.begin(), parts.end(), std::uint64_t{0});
    const std::vector<std::uint64_t> shares = apportion(parts, total);
    if (sum == 0) return std::accumulate(shares.begin(), shares.end(), std::uint64_t{0}) == 0;
    for (std::size_t i = 0; i < parts.size(); ++i) {
      const std::uint64_t exact = parts[i] * total;  // of sum
      if (shares[i] * sum >= exact + sum || shares[i] * sum + sum <= exact) return false;
    }
    return std::accumulate(shares.begin(), shares.end(), std::uint64_t{0}) == total;
  }));
}

TEST_CASE("text cannot leave its place in HTML") {
  CHECK(html_escape("<b a=\"1\" c='2'>&") == "&lt;b a=&quot;1&quot; c=&#39;2&#39;&gt;&amp;");
  CHECK(html_escape("\u00b5s") == "\u00b5s");
  CHECK(html_escape(std::string("a\0b\x1b", 4)) == "a\ufffdb\ufffd");
}

TEST_CASE("bytes that are no UTF-8 become replacement characters") {
  CHECK(html_escape("\xff") == "\ufffd");
  CHECK(html_escape("\xc3") == "\ufffd");                      // cut off
  CHECK(html_escape("\xc0\xaf") == "\ufffd\ufffd");            // overlong '/'
  CHECK(html_escape("\xed\xa0\x80") == "\ufffd\ufffd\ufffd");  // a surrogate
  CHECK(html_escape("\xf0\x9f\x98\x80") == "\xf0\x9f\x98\x80");
}

TEST_CASE("the width of a text counts characters, not bytes") {
  CHECK(text_width("\u00b5s") == 2);
}
