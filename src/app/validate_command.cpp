#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <nlohmann/json.hpp>
#include <thread>

#include "app/commands.h"
#include "app/version.h"
#include "base/error.h"
#include "base/file.h"
#include "validate/perturb.h"
#include "validate/print.h"
#include "validate/suite.h"

namespace svasim::app {
namespace {

constexpr const char* row_folder = "tests/validation/rows";

std::vector<validate::row> read_rows(const std::vector<std::string>& names) {
  std::vector<std::string> files;
  for (const std::string& n : names) files.push_back(validate::row_file(n, row_folder));
  if (names.empty()) files = validate::row_files(row_folder);
  std::vector<validate::row> rows;
  std::vector<base::problem> problems;
  for (const std::string& f : files) {
    try {
      rows.push_back(validate::read_row(f));
    } catch (const base::input_error& e) {
      problems.insert(problems.end(), e.problems().begin(), e.problems().end());
    }
  }
  if (!problems.empty()) throw base::input_error(std::move(problems));
  return rows;
}

validate::settings settings_of(const std::vector<std::string>& sets) {
  validate::settings out;
  for (const std::string& s : sets) {
    const std::size_t equals = s.find('=');
    if (equals == std::string::npos || equals == 0) {
      throw base::input_error("--set needs PATH=VALUE, not \"" + base::printable(s) + "\"");
    }
    out.emplace_back(s.substr(0, equals), s.substr(equals + 1));
  }
  validate::job alone;
  alone.set = out;
  validate::platform_of(alone);  // tells of an unknown one once, not for each point
  return out;
}

void print_list(const std::vector<validate::row>& rows) {
  for (const validate::row& r : rows) {
    fmt::print("{:32} {:12} {:4} points  {}\n", r.name, name_of(r.kind), r.points.size(),
               base::printable(r.what));
  }
}

int print_perturbed(const std::vector<validate::row>& rows, const validate::suite_options& o) {
  bool good = true;
  for (const validate::perturbation& p : validate::perturb(rows, o)) {
    fmt::print("{:32} {:48} {:>10} -> {:10} {}\n", p.row->name, p.constant->name(),
               p.constant->value, p.value,
               p.noticed.empty() ? "NOT NOTICED" : "outside: " + base::printable(p.noticed));
    good = good && !p.noticed.empty();
  }
  return good ? 0 : 1;
}

void write_files(const std::string& directory, const std::vector<validate::row_outcome>& rows) {
  base::make_directories(directory);
  base::write_file_atomically(directory + "/validate.json",
                              validate::outcome_json(rows).dump(2) + "\n");
  base::write_file_atomically(directory + "/validate.html", validate::page_html(rows, version));
}

}  // namespace

int validate(const validate_options& o) {
  const std::vector<validate::row> rows = read_rows(o.rows);
  if (o.list) {
    print_list(rows);
    return 0;
  }
  validate::suite_options s;
  s.set = settings_of(o.sets);
  s.workers = o.workers != 0 ? o.workers : std::max(1u, std::thread::hardware_concurrency());
  s.quick = o.quick;
  const bool shows_progress = !o.quiet && ::isatty(STDERR_FILENO) != 0;
  if (shows_progress) {
    s.progress = [](std::size_t done, std::size_t all) {
      fmt::print(stderr, "\r{} of {} simulations", done, all);
      if (done == all) fmt::print(stderr, "\r\033[K");
    };
  }
  if (o.perturb) return print_perturbed(rows, s);
  if (!o.out.empty()) base::make_directories(o.out);  // before the time is spent
  const std::vector<validate::row_outcome> done = validate::run_rows(rows, s);
  if (o.json) {
    fmt::print("{}\n", validate::outcome_json(done).dump());
  } else {
    fmt::print("{}", validate::table_text(done, o.points || !o.rows.empty()));
  }
  if (!o.out.empty()) {
    write_files(o.out, done);
    if (!o.json) fmt::print("\nwritten: {0}/validate.json {0}/validate.html\n", o.out);
  }
  const bool good = std::all_of(done.begin(), done.end(),
                                [](const validate::row_outcome& r) { return r.good(); });
  return good ? 0 : 1;
}

}  // namespace svasim::app
