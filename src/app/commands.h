// The subcommands of svasim. Each takes its options as parsed and returns the exit code: 0 good, 1
// a check or target failed; bad input is thrown as base::input_error (exit code 2).
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace svasim::app {

struct run_options {
  std::string platform;
  std::string trace;
  std::string workload;
  std::vector<std::string> sets;
  std::string out;
  bool check = false;
  bool check_protocol = false;
  std::string timeline;                ///< file; empty: none
  std::uint64_t timeline_every = 100;  ///< requests for one that is drawn
  bool quiet = false;
  bool uncertainty = false;
  unsigned jobs = 0;  ///< simulations at a time for it; 0: as many as processors
};
int run(const run_options& o);

struct translate_options {
  std::string file;
  std::vector<std::string> cases;  ///< empty: all
  bool timed = false;
  bool compare = false;
  bool explain = false;
};
int translate(const translate_options& o);

struct bench_options {
  std::string platform;
  std::string one_case;  ///< run just this one and print its rate (a process of its own)
  std::uint64_t transactions = 1000000;
  unsigned repeats = 3;
  bool json = false;
};
int bench(const bench_options& o);

struct platform_options {
  std::string file;
  std::vector<std::string> sets;
  std::string trust;  ///< show only: measured, documents, derived or assumed; empty for all
};
int platform_list();
int platform_show(const platform_options& o);
int platform_check(const platform_options& o);
int schema(const std::string& of);
int reference(const std::string& of);

struct trace_options {
  std::string file;
  std::string out;
  std::string format;  ///< empty: told by the content
  std::uint64_t skip_bad = 0;
  std::string join;    ///< the other one of an ftrace text and a QEMU log; empty: none
  std::string mac;     ///< of the machine in a capture; empty: not known
  std::string sid;     ///< of the device in a log without StreamIDs; empty: the default
  bool speed = false;  ///< say on standard error how fast the file is read
};
int trace_info(const trace_options& o);
int trace_convert(const trace_options& o);
int trace_import(const trace_options& o);
/// Writes the workload `file` as the trace `out`.
int trace_generate(const trace_options& o);
/// For --help: a line for each format that can be read.
std::string trace_formats();

struct reuse_options {
  std::string trace;
  std::string out;                 ///< empty: standard output
  std::vector<std::string> pages;  ///< "4K", "2MiB", ...; empty: the granule of the trace
  std::optional<std::uint32_t> ways;
  std::int64_t max_entries = 4096;
  std::int64_t max_pages = 4194304;
  std::string sample;  ///< rate; empty: none
  bool total = false;
  bool causes = false;
  bool json = false;
  bool quiet = false;  ///< no word and no speed on standard error
};
int reuse(const reuse_options& o);

struct sweep_options {
  std::string spec;
  std::string out;       ///< empty: named after the specification
  unsigned workers = 0;  ///< 0: as many as there are processors
  std::string shard;     ///< "k/K"; empty: everything
  std::string engine = "local";
  unsigned shards = 0;             ///< of Slurm; 0: a few
  std::vector<std::string> slurm;  ///< further arguments of sbatch
  bool list = false;
  bool quiet = false;
};
int sweep(const sweep_options& o);

struct compare_options {
  std::vector<std::string> results;  ///< with `variants`: one platform file
  std::string variants;              ///< "a,b,c": simulate these instead
  std::string workload;
  std::vector<std::string> sets;
  bool all = false;
  bool json = false;
};
int compare(const compare_options& o);
/// What `compare` does with `variants`.
int compare_variants(const compare_options& o);

struct advise_options {
  std::string platform;
  std::string trace;
  std::string workload;
  std::string target;
  std::vector<std::string> vary;  ///< paths that end in ".entries"
  std::vector<std::string> sets;
  std::uint64_t max_entries = 8192;
  bool all_sizes = false;  ///< no pruning by reuse curves
  bool json = false;
};
int advise(const advise_options& o);

struct validate_options {
  std::vector<std::string> rows;  ///< names or files; empty: all
  std::vector<std::string> sets;
  std::string out;       ///< directory; empty: none
  unsigned workers = 0;  ///< 0: as many as there are processors
  bool list = false;
  bool json = false;
  bool points = false;
  bool quick = false;
  bool perturb = false;
  bool quiet = false;  ///< no progress
};
int validate(const validate_options& o);

/// `path`: a result file, or the directory of a run or a sweep.
int report(const std::string& path, const std::string& out_file);

}  // namespace svasim::app
