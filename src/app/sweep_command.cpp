#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <filesystem>
#include <optional>
#include <set>
#include <thread>

#include "analysis/sweep/collector.h"
#include "analysis/sweep/slurm.h"
#include "analysis/sweep/specification.h"
#include "analysis/sweep/worker_pool.h"
#include "app/commands.h"
#include "app/point_model.h"
#include "app/sweep_progress.h"
#include "app/version.h"
#include "base/error.h"
#include "base/in_order.h"

namespace svasim::app {
namespace {

struct shard {
  std::size_t k = 0, of = 1;  ///< points with index mod `of` == k
};

// "2/8", counted from 1.
shard parse_shard(const std::string& text) {
  if (text.empty()) return {};
  std::size_t k = 0, of = 0;
  const char* const end = text.data() + text.size();
  const auto first = std::from_chars(text.data(), end, k);
  if (first.ec == std::errc() && first.ptr != end && *first.ptr == '/') {
    const auto second = std::from_chars(first.ptr + 1, end, of);
    if (second.ec == std::errc() && second.ptr == end && k >= 1 && k <= of) return {k - 1, of};
  }
  throw base::input_error("--shard needs k/K with 1 <= k <= K, as in 2/8, not \"" + text + "\"");
}

struct prepared {
  sweep::space space;
  sweep::plan plan;
};

// `e`, where the point and the axes that made it are named.
void add_problems(const base::input_error& e, const sweep::space& s, const sweep::choice& c,
                  std::vector<base::problem>& out) {
  for (const base::problem& p : e.problems()) {
    base::problem at = s.at;
    at.message = s.label(c) + ": " + p.message;
    out.push_back(std::move(at));
  }
}

// Every point is built once, so that what does not fit together is known before anything runs.
prepared prepare(const sweep::specification& spec, const point_model& model, unsigned threads) {
  constexpr std::size_t most_problems = 20;
  prepared out{spec.resolve(model.parameters()), {}};
  const std::vector<sweep::choice> points = choose_points(out.space, model.parameters());
  out.plan = plan_of(out.space);
  out.plan.svasim_version = version;
  out.plan.name = spec.name();
  out.plan.description = spec.description();
  out.plan.platform = model.platform_name();
  out.plan.input_kind = model.input_kind();
  out.plan.input_name = model.input_name();
  std::vector<base::problem> problems;
  std::set<std::string> names;
  struct built {
    std::string name;
    std::optional<base::input_error> wrong;
  };
  const auto build = [&](std::size_t i) -> built {
    try {
      return {sweep::point_name(model.identity(out.space.settings(points[i]))), {}};
    } catch (const base::input_error& e) {
      return {"", e};
    }
  };
  base::in_order(points.size(), threads, build, [&](std::size_t i, const built& b) {
    if (b.wrong) {
      add_problems(*b.wrong, out.space, points[i], problems);
    } else if (names.insert(b.name).second) {
      out.plan.points.push_back({b.name, points[i]});
    }
    return problems.size() < most_problems;
  });
  if (!problems.empty()) throw base::input_error(std::move(problems));
  return out;
}

unsigned worker_count(unsigned asked) {
  return asked != 0 ? asked : std::max(1u, std::thread::hardware_concurrency());
}

// Runs what is missing of this shard. The number of failures.
std::size_t run_points(const prepared& what, const point_model& model,
                       const sweep::point_store& store, const shard& part, unsigned workers,
                       bool quiet) {
  std::vector<const sweep::plan_point*> todo;
  std::size_t mine = 0;
  for (std::size_t i = part.k; i < what.plan.points.size(); i += part.of, ++mine) {
    const sweep::plan_point& p = what.plan.points[i];
    if (!store.has_result(p.name)) todo.push_back(&p);
  }
  sweep_progress line(mine, mine - todo.size(), quiet);
  std::size_t failures = 0;
  const auto work = [&](std::size_t job) {
    const sweep::plan_point& p = *todo[job];
    store.write_result(p.name, model.result_text(what.space.settings(p.values)));
  };
  const auto ended = [&](const sweep::job_end& end) {
    const sweep::plan_point& p = *todo[end.job];
    if (end.good() || store.has_result(p.name)) {  // another shard may have done it meanwhile
      store.remove_failure(p.name);
      line.done();
      return;
    }
    ++failures;
    const sweep::failure f{end.exit, end.signal, end.message, what.plan.label(p)};
    store.write_failure(p.name, f);
    line.failed(f.label, f.text());
  };
  sweep::run_jobs(todo.size(), workers, work, ended, [&] { line.tick(); });
  return failures;
}

std::string default_directory(const std::string& spec) {
  return std::filesystem::path(spec).stem().string() + ".sweep";
}

int finish(const prepared& what, const sweep::point_store& store, std::size_t before, bool quiet) {
  const std::vector<const sweep::plan_point*> missing = store.missing(what.plan);
  if (missing.empty()) store.remove_leftovers();
  collect(what.plan, store);
  const std::size_t all = what.plan.points.size();
  if (!quiet) {
    fmt::print("{} points: {} were there, {} run, {} failed\n", all, before,
               all - before - missing.size(), missing.size());
    fmt::print("written: {0}/results.sqlite {0}/results.csv\n", store.directory());
  }
  for (const sweep::plan_point* p : missing) {
    const auto why = store.failure_of(p->name);
    fmt::print(stderr, "svasim: no result: {}: {}\n", base::printable(what.plan.label(*p)),
               why ? why->text() : "not run");
  }
  return missing.empty() ? 0 : 1;
}

// The command line of one shard, whose paths hold from any directory.
std::vector<std::string> shard_command(const sweep_options& o, const std::string& directory) {
  namespace fs = std::filesystem;
  std::vector<std::string> out{fs::read_symlink("/proc/self/exe").string(),
                               "sweep",
                               fs::absolute(o.spec).string(),
                               "-o",
                               directory,
                               "-q"};
  if (o.workers != 0) {
    out.emplace_back("-j");
    out.push_back(std::to_string(o.workers));
  }
  return out;
}

// Until every point is there or no task of the job array is left.
void run_on_slurm(const prepared& what, const sweep::point_store& store, const sweep_options& o) {
  const std::size_t todo = store.missing(what.plan).size();
  if (todo == 0) return;
  constexpr std::size_t usual_shards = 16;
  const std::size_t all = what.plan.points.size();
  const auto shards =
      static_cast<unsigned>(std::min<std::size_t>(all, o.shards != 0 ? o.shards : usual_shards));
  const std::string directory = std::filesystem::absolute(store.directory()).string();
  const std::string id =
      sweep::slurm_submit({directory, shard_command(o, directory), shards, o.workers, o.slurm});
  if (!o.quiet) fmt::print(stderr, "svasim: Slurm job {}, {} shards\n", id, shards);
  sweep_progress line(all, all - todo, o.quiet);
  for (unsigned quarter = 0;; ++quarter) {
    const std::size_t left = store.missing(what.plan).size();
    line.set_done(all - left);
    line.tick();
    if (left == 0) return;
    if (quarter % 4 == 3 && sweep::slurm_state_of(id) == sweep::slurm_state::gone) return;
    std::this_thread::sleep_for(std::chrono::milliseconds(250 + all / 10));  // a look at each
  }
}

}  // namespace

int sweep(const sweep_options& o) {
  const shard part = parse_shard(o.shard);
  if (o.engine == "slurm" && !o.shard.empty()) {
    throw base::input_error("--engine slurm makes the shards itself; leave out --shard");
  }
  const auto spec = sweep::specification::from_file(o.spec);
  const point_model model(spec.platform(), spec.workload(), spec.trace());
  const unsigned workers = worker_count(o.workers);
  const prepared what = prepare(spec, model, workers);
  if (o.list) {
    for (const sweep::plan_point& p : what.plan.points) {
      fmt::print("{} {}\n", p.name, base::printable(what.plan.label(p)));
    }
    return 0;
  }
  const sweep::point_store store(o.out.empty() ? default_directory(o.spec) : o.out);
  store.write_plan(what.plan);
  const std::size_t before = what.plan.points.size() - store.missing(what.plan).size();
  if (o.engine == "slurm") {
    run_on_slurm(what, store, o);
    return finish(what, store, before, o.quiet);
  }
  const std::size_t failures = run_points(what, model, store, part, workers, o.quiet);
  if (!o.shard.empty()) return failures == 0 ? 0 : 1;
  return finish(what, store, before, o.quiet);
}

}  // namespace svasim::app
