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
  bool quiet = false;
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
};
int platform_list();
int platform_show(const platform_options& o);
int platform_check(const platform_options& o);
int schema(const std::string& of);
int reference(const std::string& of);

struct trace_options {
  std::string file;
  std::string out;
};
int trace_info(const trace_options& o);
int trace_convert(const trace_options& o);

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

int report(const std::string& result_file, const std::string& out_file);

}  // namespace svasim::app
