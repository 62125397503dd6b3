#include <catch2/catch.hpp>

#include "validate/plot.h"
#include "validate/print.h"

using namespace svasim;

namespace {

struct sample {
  explicit sample(std::size_t points) {
    row.name = "row";
    row.what = "A <row> & more";
    row.source = "M: \"source\"";
    for (std::size_t i = 0; i < points; ++i) {
      validate::point p;
      p.name = "point " + std::to_string(i);
      p.unit = "ns";
      p.expected = 100 + 10 * static_cast<double>(i);
      p.tolerance = {validate::tolerance::kind::percent, 5};
      row.points.push_back(p);
    }
    outcome.of = &row;
    for (const validate::point& p : row.points) {
      outcome.points.push_back(judge(p, *p.expected + 1));
    }
  }
  validate::row row;
  validate::row_outcome outcome;
};

std::size_t count(const std::string& text, const std::string& part) {
  std::size_t n = 0;
  for (std::size_t at = text.find(part); at != std::string::npos; at = text.find(part, at + 1)) ++n;
  return n;
}

TEST_CASE("three points with an expected value are a plot of two curves") {
  const sample two(2), three(3);
  CHECK(validate::plots(two.outcome).empty());
  const std::string svg = validate::plots(three.outcome);
  CHECK(count(svg, "<svg") == 1);
  CHECK(count(svg, "class=\"line\"") == 2);
  CHECK(count(svg, "<circle") == 6);
}

TEST_CASE("each series has a plot of its own") {
  sample s(6);
  for (std::size_t i = 0; i < 6; ++i) s.row.points[i].series = i < 3 ? "reads" : "writes";
  CHECK(count(validate::plots(s.outcome), "<svg") == 2);
}

TEST_CASE("the page escapes what rows say") {
  const sample s(3);
  const std::string page = validate::page_html({s.outcome}, "1.2");
  CHECK(page.find("A &lt;row&gt; &amp; more") != std::string::npos);
  CHECK(page.find("<row>") == std::string::npos);
  CHECK(page.find("1 rows, 3 points predicted, 0 rows outside") != std::string::npos);
}

}  // namespace
