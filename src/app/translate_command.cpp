#include <fmt/format.h>

#include <algorithm>
#include <cstdio>
#include <map>
#include <sstream>
#include <string>

#include "app/commands.h"
#include "base/child_process.h"
#include "base/error.h"
#include "platforms/scenario/compare.h"
#include "platforms/scenario/explain.h"
#include "platforms/scenario/reader.h"
#include "platforms/scenario/timed.h"
#include "platforms/scenario/untimed.h"
#include "workloads/decoder.h"

namespace svasim::app {
namespace {

// The result of one case, as it passes from the process of a timed simulation.
struct case_output {
  std::string lines;        // for standard output
  std::string differences;  // for standard error
  scenario::comparison::totals totals;

  std::string packed() const {
    return fmt::format("{} {} {} {} {}\n{}{}", totals.queries, totals.commands, totals.walks,
                       totals.differences, differences.size(), differences, lines);
  }
  static case_output unpacked(const std::string& text) {
    case_output out;
    std::istringstream in(text);
    std::size_t n = 0;
    in >> out.totals.queries >> out.totals.commands >> out.totals.walks >> out.totals.differences >>
        n;
    const std::size_t begin = text.find('\n') + 1;
    out.differences = text.substr(begin, n);
    out.lines = text.substr(begin + n);
    return out;
  }
};

case_output answer(scenario::scenario& s, const translate_options& o) {
  case_output out;
  scenario::comparison against(!o.timed);
  scenario::answer_sink sink;
  sink.query = [&](std::size_t step, const scenario::query_answer& a) {
    out.lines += json_line(s.id, step, a) + "\n";
    out.differences += against.query(s, step, a);
  };
  sink.command = [&](std::size_t step, const scenario::command_answer& a) {
    out.lines += json_line(s.id, step, a) + "\n";
    out.differences += against.command(s, step, a);
  };
  if (o.timed) {
    scenario::translate_timed(s, scenario::timed_defaults(), sink);
  } else {
    scenario::translate(s, sink);
  }
  out.totals = against.counts();
  return out;
}

case_output run_case(scenario::scenario& s, const translate_options& o) {
  if (!o.timed) return answer(s, o);
  return case_output::unpacked(base::in_child([&] { return answer(s, o).packed(); }));
}

void print(std::FILE* to, const std::string& text) {
  fmt::print(to, "{}", text);
}

}  // namespace

int translate(const translate_options& o) {
  const auto decoder = workloads::open_decoder(o.file);
  scenario::reader reader(o.file, [&](char* out, std::size_t n) { return decoder->read(out, n); });
  std::map<std::string, bool> wanted;
  for (const std::string& id : o.cases) wanted[id] = false;
  scenario::comparison::totals totals;
  scenario::scenario s;
  while (reader.next(s)) {
    if (!wanted.empty()) {
      const auto found = wanted.find(s.id);
      if (found == wanted.end()) continue;
      found->second = true;
    }
    if (o.explain) {
      print(stdout, scenario::explain(s));
      continue;
    }
    const case_output out = run_case(s, o);
    print(stdout, out.lines);
    if (o.compare) print(stderr, out.differences);
    totals += out.totals;
  }
  for (const auto& [id, seen] : wanted) {
    if (!seen) throw base::input_error(fmt::format("{}: no case \"{}\"", o.file, id));
  }
  if (!o.compare) return 0;
  print(stderr, totals.text() + "\n");
  return totals.differences == 0 ? 0 : 1;
}

}  // namespace svasim::app
