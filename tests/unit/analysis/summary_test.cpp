#include "analysis/summary.h"

#include <catch2/catch.hpp>
#include <regex>

#include "analysis/text.h"
#include "tests/unit/analysis/example.h"

using namespace svasim;
using analysis::summary_text;

TEST_CASE("the summary of the example is the one on file") {
  CHECK(summary_text(test::example(), false) ==
        base::read_file(test::example_path("example.summary.txt")));
}

TEST_CASE("colour changes nothing but colour") {
  const std::string coloured = summary_text(test::example(), true);
  CHECK(coloured.find("\x1b[") != std::string::npos);
  CHECK(std::regex_replace(coloured, std::regex("\x1b\\[[0-9]+m"), "") ==
        summary_text(test::example(), false));
}

TEST_CASE("a run without accesses says why and prints no breakdown") {
  const std::string text =
      summary_text(analysis::result_from_json(test::empty_run_json(), "r.json"), false);
  CHECK(text.find("note       the trace holds no accesses\n") != std::string::npos);
  CHECK(text.find("share") == std::string::npos);
}

TEST_CASE("text of an input can neither drive the terminal nor widen the summary") {
  nlohmann::json document = test::example_json();
  document["input"]["name"] = "\x1b[2J" + std::string(5000, 'x');
  document["run"]["note"] = std::string(5000, 'y');
  document["run"]["commands_by_opcode"] = {{std::string(5000, 'z'), 1}};
  document["stages"][3]["label"] = "a\nb";
  const std::string text = summary_text(analysis::result_from_json(document, "r.json"), false);
  CHECK(text.find('\x1b') == std::string::npos);
  CHECK(text.find("a\\x0ab") != std::string::npos);
  std::size_t widest = 0;
  for (std::size_t at = 0; at < text.size();) {
    const std::size_t end = text.find('\n', at);
    widest = std::max(widest, analysis::text_width(text.substr(at, end - at)));
    at = end + 1;
  }
  CHECK(widest <= 110);
}
