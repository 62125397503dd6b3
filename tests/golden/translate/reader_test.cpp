// The reader of scenarios against damaged and hostile text; exact messages are in
// translate_test.py.
#include <catch2/catch.hpp>
#include <string>

#include "base/error.h"
#include "base/file.h"
#include "tests/support/scenarios.h"

using namespace svasim;

namespace {

std::string first_line() {
  const std::string all = base::read_file(SVASIM_SOURCE_DIR "/workloads/scenarios/stage1_4k.jsonl");
  return all.substr(0, all.find('\n'));
}

/// "ok" or what the reader says to this text.
std::string verdict(const std::string& text) {
  scenario::reader reader = test::read_text("f", text);
  scenario::scenario s;
  try {
    while (reader.next(s)) {
    }
    return "ok";
  } catch (const base::input_error& e) {
    return e.what();
  }
}

}  // namespace

TEST_CASE("a line that is cut off anywhere is refused with its place") {
  const std::string line = first_line();
  REQUIRE(verdict(line) == "ok");
  for (std::size_t n = 1; n < line.size(); ++n) {
    const std::string said = verdict("\n" + line.substr(0, n));
    if (said.rfind("f:2:", 0) != 0) FAIL("cut at " << n << ": " << said);
  }
}

TEST_CASE("a line with any one byte replaced is read or refused with its place") {
  const std::string line = first_line();
  for (std::size_t n = 0; n < line.size(); ++n) {
    for (const char c : {'\0', '"', '9', '[', '}', '\xff'}) {
      std::string damaged = line;
      damaged[n] = c;
      const std::string said = verdict(damaged);
      if (said != "ok" && said.rfind("f:1:", 0) != 0) FAIL("byte " << n << ": " << said);
    }
  }
}

TEST_CASE("blank lines and carriage returns between cases do not matter") {
  const std::string line = first_line();
  scenario::reader reader = test::read_text("f", "\n \t\r\n" + line + "\r\n\n" + line);
  scenario::scenario s;
  REQUIRE(reader.next(s));
  CHECK(reader.line() == 3);
  CHECK(s.steps.size() == 4);
  REQUIRE(reader.next(s));
  CHECK(reader.line() == 5);
  CHECK(!reader.next(s));
}

TEST_CASE("a line longer than 16 MiB is refused without holding it") {
  std::size_t given = 0;
  scenario::reader reader("f", [&given](char* out, std::size_t n) {
    std::fill(out, out + n, ' ');
    given += n;
    return n;
  });
  scenario::scenario s;
  REQUIRE_THROWS_WITH(reader.next(s), "f:1: the line is longer than 16 MiB");
  CHECK(given < 17u << 20);
}

TEST_CASE("a case may touch 65536 pages of memory and no more") {
  const auto with_pages = [](std::size_t pages) {
    std::string line = first_line();
    std::string runs;
    for (std::size_t i = 0; i < pages; ++i) {
      runs += "[\"" + std::string("0x") + std::to_string(i + 1) + "0000000\",\"0x1\"],";
    }
    return line.insert(line.find("\"memory\":[") + 10, runs);
  };
  CHECK(verdict(with_pages(65536 - 5)) == "ok");
  const std::string said = verdict(with_pages(65536 - 4));
  CHECK(said.find("the case touches more than 65536 pages of 4 KiB") != std::string::npos);
}
