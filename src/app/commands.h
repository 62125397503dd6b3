// The subcommands of svasim. Each takes its options as parsed and returns the exit code: 0 good, 1
// a check or target failed; bad input is thrown as base::input_error (exit code 2).
#pragma once

#include <cstdint>
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

int report(const std::string& result_file, const std::string& out_file);

}  // namespace svasim::app
