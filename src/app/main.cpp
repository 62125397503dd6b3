// svasim: parses the command line and maps every outcome to its exit code: 0 good, 1 a check or
// target failed, 2 bad input or usage. With help_tree.cpp the only file that includes CLI11, which
// takes long to compile.
#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <cerrno>
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <exception>
#include <memory>
#include <optional>
#include <system_error>

#include "app/commands.h"
#include "app/help_tree.h"
#include "app/version.h"
#include "base/error.h"
#include "describe/spelling.h"
#include "platforms/platform.h"

namespace {

using namespace svasim;

constexpr const char* about =
    "svasim: a cycle-approximate model of Shared Virtual Addressing for PCIe devices behind an\n"
    "Arm SMMUv3. Replays DMA traces on platforms described in JSON and shows where the time "
    "goes.\n";

constexpr const char* footer =
    "\nExample:\n"
    "  svasim run platforms/neoverse-n2.json --trace "
    "workloads/traces/nvme_vfio_guest_4k.qemu.log.gz -o out\n"
    "\nExit codes: 0 good, 1 a check or target failed, 2 bad input or usage.";

void add_run(CLI::App& app, app::run_options& o, int& code) {
  CLI::App* c = app.add_subcommand("run", "Simulate a trace or workload on a platform");
  c->add_option("platform", o.platform, "Platform file (JSON)")->required();
  c->add_option("--trace", o.trace,
                "Trace: QEMU smmuv3 log, application stream, CSV or .svt (plain, gzip or zstd)");
  c->add_option("--workload", o.workload, "Generated workload or SVA workload (JSON)");
  c->add_option("--set", o.sets, "Override a parameter: path=value; may be repeated")
      ->take_all()
      ->type_name("PATH=VALUE");
  c->add_option("-o,--out", o.out, "Directory for result.json and report.html");
  CLI::Option* timeline = c->add_option("--timeline", o.timeline,
                                        "File for the way of sampled requests, of SVA workloads of "
                                        "faults, for ui.perfetto.dev")
                              ->type_name("FILE");
  c->add_option("--timeline-every", o.timeline_every, "Draw every Nth request, or fault, in it")
      ->type_name("N")
      ->capture_default_str()
      ->check(CLI::Range(std::uint64_t{1}, std::uint64_t{1} << 32))
      ->needs(timeline);
  c->add_flag("--check", o.check, "Compare every translated DMA with an independent table walk");
  c->add_flag("--check-protocol", o.check_protocol,
              "Put TLM base-protocol checkers between modules");
  CLI::Option* uncertainty = c->add_flag(
      "--uncertainty", o.uncertainty,
      "Also how far the result moves when one assumed number at a time goes to the ends of its "
      "range: many runs");
  c->add_option("-j,--jobs", o.jobs, "Its simulations at a time; as many as processors without it")
      ->check(CLI::Range(1, 4096))
      ->needs(uncertainty);
  c->add_flag("-q,--quiet", o.quiet, "No summary, no progress");
  c->footer(
      "\nExample:\n  svasim run platforms/minimal.json --workload workloads/random_4k.json"
      " --set smmu.tbu.main_tlb.entries=512 -o out"
      "\n  svasim run platforms/neoverse-n2.json --trace"
      " workloads/traces/nvme_vfio_guest_4k.qemu.log.gz --timeline way.pftrace"
      "\n  svasim run platforms/neoverse-n2.json --workload workloads/random_4k.json "
      "--uncertainty");
  c->callback([&o, &code] { code = app::run(o); });
}

void add_translate(CLI::App& app, app::translate_options& o, int& code) {
  CLI::App* c =
      app.add_subcommand("translate", "What an SMMUv3 answers to memory images and queries");
  c->add_option("scenarios", o.file, "Scenarios: JSON Lines (plain, gzip or zstd)")->required();
  c->add_option("--case", o.cases, "Only the case of this id; may be repeated")
      ->take_all()
      ->type_name("ID");
  c->add_flag("--timed", o.timed, "On the timed TBU, TCU, walker and queues, with their caches");
  CLI::Option* compare = c->add_flag(
      "--compare", o.compare, "Compare with what the cases expect; exit code 1 if it differs");
  c->add_flag("--explain", o.explain, "For a person: each fetch decoded, and why it ended so")
      ->excludes(compare)
      ->excludes("--timed");
  c->footer(
      "\nPrints one JSON line for each query and command, in the order of the file.\n"
      "\nExample:\n  svasim translate workloads/scenarios/stage1_4k.jsonl --explain"
      "\n  svasim translate workloads/scenarios/stage1_4k.jsonl --timed --compare");
  c->callback([&o, &code] { code = app::translate(o); });
}

void add_bench(CLI::App& app, app::bench_options& o, int& code) {
  CLI::App* c = app.add_subcommand("bench", "Host-side speed of the standard cases");
  o.platform = "platforms/neoverse-n2.json";
  c->add_option("platform", o.platform, "Platform file")->capture_default_str();
  c->add_option("-n,--transactions", o.transactions, "Transactions a case")->capture_default_str();
  c->add_option("-r,--rounds", o.repeats, "Rounds; medians are printed")
      ->capture_default_str()
      ->check(CLI::Range(1, 99));
  c->add_flag("--json", o.json, "Print JSON");
  c->footer(
      "\nCases: hit, mixed and walk are DMA workloads (TLB hits, misses, nested walks); atc_hit "
      "and\n"
      "fault_storm go through ATC, page requests and the kernel of bare metal (variant a). Rates "
      "are\n"
      "requests a second of processor time, also as a share of a yardstick measured in the same\n"
      "round; misses are those of the TBU, or of the ATC.\n"
      "\nExample:\n  svasim bench platforms/grace.json -n 200000 -r 5");
  c->callback([&o, &code] { code = app::bench(o); });
}

void add_platform(CLI::App& app, app::platform_options& o, int& code) {
  CLI::App* c = app.add_subcommand("platform", "What platforms there are and what they say");
  c->require_subcommand(1);
  CLI::App* list = c->add_subcommand("list", "Platform files in platforms/");
  list->footer("\nExample:\n  svasim platform list");
  list->callback([&code] { code = app::platform_list(); });
  const auto with_file = [&](const char* name, const char* help, const char* example,
                             int (*f)(const app::platform_options&)) {
    CLI::App* sub = c->add_subcommand(name, help);
    sub->add_option("platform", o.file, "Platform file")->required();
    sub->add_option("--set", o.sets, "Override a parameter")->take_all()->type_name("PATH=VALUE");
    sub->footer(
        fmt::format("\nExample:\n  svasim platform {} platforms/grace.json {}", name, example));
    sub->callback([&o, &code, f] { code = f(o); });
    return sub;
  };
  with_file("show", "Every parameter with its value and provenance", "--trust assumed",
            app::platform_show)
      ->add_option("--trust", o.trust,
                   "Only those that are measured, from documents, derived or assumed")
      ->check(CLI::IsMember({"measured", "documents", "derived", "assumed"}));
  with_file("check", "Only say whether the file is good", "--set smmu.tcu.walk_slots=16",
            app::platform_check);
}

void add_descriptions(CLI::App& app, std::string& of, int& code) {
  of = "platform";
  CLI::App* s = app.add_subcommand(
      "schema", "JSON schema (draft-07) of platform, workload or SVA workload files");
  s->add_option("of", of, "platform, workload or sva")->capture_default_str();
  s->footer("\nExample:\n  svasim schema workload");
  s->callback([&of, &code] { code = app::schema(of); });
  CLI::App* r = app.add_subcommand("reference", "Parameter reference in Markdown");
  r->add_option("of", of, "platform, workload or sva")->capture_default_str();
  r->footer("\nExample:\n  svasim reference platform\n  svasim reference sva");
  r->callback([&of, &code] { code = app::reference(of); });
}

void add_trace_import(CLI::App& trace, app::trace_options& o, int& code) {
  CLI::App* c = trace.add_subcommand("import", "Bring a recorded log into svasim's own form");
  const auto words = std::make_shared<std::vector<std::string>>();
  c->add_option("input", *words, "The format (told by the content when left out) and the file")
      ->type_name("[FORMAT] FILE")
      ->expected(1, 2)
      ->required();
  c->add_option("-o,--out", o.out, "File to write, ending in .svt or .csv")->required();
  c->add_option("--skip-bad", o.skip_bad, "Pass over up to N bad lines of a text and tell which")
      ->type_name("N");
  c->add_option("--join", o.join,
                "The QEMU log of the same run as an ftrace text (or the other way round)")
      ->type_name("FILE");
  c->add_option("--mac", o.mac, "pcap: packets from this Ethernet address are sent, not received")
      ->type_name("ADDRESS");
  c->add_option("--sid", o.sid, "fio, blkparse, pcap: StreamID of the (first) device; 0x8 without")
      ->type_name("SID");
  c->footer(
      "\nFormats (text may be plain, gzip or zstd):\n" + app::trace_formats() +
      "\nExample:\n  svasim trace import workloads/traces/nvme_vfio_guest_4k.qemu.log.gz -o t.svt");
  c->callback([&o, &code, words] {
    o.file = words->back();
    if (words->size() == 2) o.format = words->front();
    code = app::trace_import(o);
  });
}

void add_trace(CLI::App& app, app::trace_options& o, int& code) {
  CLI::App* c = app.add_subcommand("trace", "Look at traces; import, convert, generate them");
  c->require_subcommand(1);
  CLI::App* info = c->add_subcommand("info", "What a trace holds");
  info->add_option("trace", o.file, "Trace file")->required();
  info->add_option("--format", o.format, "Its format; told by the content when left out");
  info->add_option("--skip-bad", o.skip_bad, "Pass over up to N bad lines of a text")
      ->type_name("N");
  info->add_flag("--speed", o.speed, "Also say on stderr how fast the file is read");
  info->footer(
      "\nExample:\n  svasim trace info workloads/traces/nvme_randrw_4jobs_strict.qemu.log.gz");
  info->callback([&o, &code] { code = app::trace_info(o); });
  add_trace_import(*c, o, code);
  CLI::App* convert = c->add_subcommand("convert", "Write a trace as .csv or .svt");
  convert->add_option("trace", o.file, "Trace file")->required();
  convert->add_option("out", o.out, "File to write, ending in .csv or .svt")->required();
  convert->footer(
      "\nExample:\n  svasim trace convert workloads/traces/nvme_vfio_guest_4k.qemu.log.gz t.csv");
  convert->callback([&o, &code] { code = app::trace_convert(o); });
  CLI::App* generate = c->add_subcommand("generate", "Write a generated workload as a trace");
  generate->add_option("workload", o.file, "Workload (JSON)")->required();
  generate->add_option("-o,--out", o.out, "File to write, ending in .svt or .csv")->required();
  generate->footer("\nExample:\n  svasim trace generate workloads/nvme_queues.json -o nvme.svt");
  generate->callback([&o, &code] { code = app::trace_generate(o); });
}

void add_reuse(CLI::App& app, app::reuse_options& o, int& code) {
  CLI::App* c = app.add_subcommand(
      "reuse", "Exact LRU miss curves of a trace for TLBs of every size, without simulating time");
  c->add_option("trace", o.trace, "Trace file")->required();
  c->add_option("--page", o.pages, "Page sizes, as in 4K,16K,2M; the trace's own without it")
      ->delimiter(',')
      ->take_all()
      ->type_name("SIZE,...");
  c->add_option("--ways", o.ways, "Also set-associative TLBs of so many ways (a power of two)");
  c->add_option("--max-entries", o.max_entries, "Largest size (a power of two, at least 4096)")
      ->capture_default_str();
  c->add_flag("--total", o.total, "Only the whole trace, not each stream and PASID");
  c->add_flag("--3c", o.causes, "Split misses: compulsory, coherence, capacity, conflict");
  c->add_option(
       "--sample", o.sample,
       "Also estimate from this share of the pages (SHARDS), as in 0.01, and tell the error")
      ->type_name("RATE");
  c->add_option("--max-pages", o.max_pages, "Give up beyond so many distinct pages")
      ->capture_default_str();
  c->add_flag("--json", o.json, "Print JSON");
  c->add_option("-o,--out", o.out, "Write to this file");
  c->add_flag("-q,--quiet", o.quiet,
              "Nothing on stderr; without, the decoded trace is counted again and again for two "
              "seconds to tell accesses/s");
  c->footer(
      "\nExample:\n  svasim reuse workloads/traces/nvme_randrw_4jobs_strict.qemu.log.gz --ways 4"
      " --page 4K,2M");
  c->callback([&o, &code] { code = app::reuse(o); });
}

void add_sweep(CLI::App& app, app::sweep_options& o, int& code) {
  CLI::App* c = app.add_subcommand("sweep", "Simulate every point of a design space");
  c->add_option("specification", o.spec, "What to vary (JSON)")->required();
  c->add_option("-o,--out", o.out, "Directory for the results; named after the specification");
  c->add_option("-j,--jobs", o.workers, "Simulations at a time; as many as processors without it")
      ->check(CLI::Range(1, 4096));
  c->add_option("--shard", o.shard,
                "Only every K-th point, beginning at the k-th; tables are not made")
      ->type_name("k/K");
  c->add_option("--engine", o.engine, "local: here; slurm: as a job array")
      ->check(CLI::IsMember({"local", "slurm"}))
      ->capture_default_str();
  c->add_option("--shards", o.shards, "Tasks of the Slurm job array")->check(CLI::Range(1, 1000));
  c->add_option("--sbatch", o.slurm, "Further argument of sbatch, as in --sbatch=--partition=long")
      ->take_all()
      ->type_name("ARG");
  c->add_flag("--list", o.list, "Only print the points");
  c->add_flag("-q,--quiet", o.quiet, "No progress, no summary");
  c->footer(
      "\nPoints that have a result are not run again: start a sweep that was stopped once more.\n"
      "\nExample:\n  svasim sweep workloads/sweeps/main_tlb.json -o tlb -j 2");
  c->callback([&o, &code] { code = app::sweep(o); });
}

void add_compare(CLI::App& app, app::compare_options& o, int& code) {
  CLI::App* c = app.add_subcommand(
      "compare", "How results differ, and how sure that is; what ways to serve faults cost");
  c->add_option(
       "results", o.results,
       "result.json files, directories of runs, or of sweeps: the first is what the others "
       "are compared with; with --variants a platform file")
      ->required()
      ->expected(1, 64);
  c->add_option("--variants", o.variants,
                "Simulate an SVA workload served in several ways (platform parameter \"variant\"), "
                "as in a,b,c")
      ->type_name("LIST");
  c->add_option("--workload", o.workload, "With --variants: SVA workload (JSON)")
      ->type_name("FILE");
  c->add_option("--set", o.sets, "With --variants: override a parameter; may be repeated")
      ->type_name("PATH=VALUE")
      ->take_all()
      ->allow_extra_args(false);  // what follows one may be the platform
  c->add_flag("--all", o.all, "Every figure, also those that are the same");
  c->add_flag("--json", o.json, "Print JSON");
  c->footer(
      "\nSweeps with several seeds get 95 % confidence intervals; a sweep alone has its points "
      "compared with the first.\n"
      "\nVariants: a bare-metal SVA; vSVA with virtio-iommu b in the VMM, c in the kernel; nested\n"
      "vSMMU d, e with a command queue of the guest's own; f pinned VFIO, map and unmap; g a\n"
      "stall-model device. Each runs three times: as it is, with all pages there, and with\n"
      "translation that takes no time.\n"
      "\nExamples:\n  svasim compare out out512/result.json\n"
      "  svasim compare --variants a,b,c,d,e,f,g platforms/neoverse-n2.json --workload "
      "workloads/sva_first_touch.json");
  c->callback([&o, &code] { code = app::compare(o); });
}

void add_advise(CLI::App& app, app::advise_options& o, int& code) {
  CLI::App* c = app.add_subcommand("advise", "The smallest storage that reaches a target");
  c->add_option("platform", o.platform, "Platform file (JSON)")->required();
  c->add_option("--trace", o.trace, "Trace file");
  c->add_option("--workload", o.workload, "Generated workload (JSON)");
  c->add_option("--target", o.target, "What to reach, as in \"translation_p99 < 1us\"")->required();
  c->add_option("--vary", o.vary, "Sizes to choose, as in smmu.tbu.utlb.entries,...")
      ->delimiter(',')
      ->take_all()
      ->required()
      ->type_name("PATH,...");
  c->add_option("--set", o.sets, "Override a parameter: path=value; may be repeated")
      ->take_all()
      ->type_name("PATH=VALUE");
  c->add_option("--max-entries", o.max_entries, "Largest size")
      ->capture_default_str()
      ->check(CLI::Range(std::uint64_t{4}, std::uint64_t{1048576}));
  c->add_flag("--all-sizes", o.all_sizes,
              "Also simulate sizes that would miss no less often than smaller ones under LRU");
  c->add_flag("--json", o.json, "Print JSON");
  c->footer(
      "\nExit code 1 where not even the largest sizes reach the target.\n"
      "\nExample:\n  svasim advise platforms/neoverse-n2.json --workload workloads/hot_cold.json"
      " --target \"translation_p90 < 100ns\""
      " --vary smmu.tbu.main_tlb.entries,smmu.tcu.walk_cache.s1_l2.entries");
  c->callback([&o, &code] { code = app::advise(o); });
}

void add_validate(CLI::App& app, app::validate_options& o, int& code) {
  CLI::App* c = app.add_subcommand(
      "validate", "Published measurements against what the model says, with what it cost to agree");
  c->add_option("row", o.rows, "Rows by name, or row files (JSON); all of them without it");
  c->add_option("-o,--out", o.out, "Directory for validate.json and the plots, validate.html");
  c->add_option("--set", o.sets, "Override a parameter in every row; may be repeated")
      ->take_all()
      ->type_name("PATH=VALUE")
      ->allow_extra_args(false);
  c->add_option("-j,--jobs", o.workers, "Simulations at a time; as many as processors without it")
      ->check(CLI::Range(1, 4096));
  CLI::Option* json = c->add_flag("--json", o.json, "Print JSON");
  c->add_flag("--points", o.points, "Every point, not only the worst; so it is for named rows")
      ->excludes(json);
  c->add_flag("--quick", o.quick, "Leave out points that are slow");
  c->add_flag("--perturb", o.perturb,
              "Instead change each spent constant by twice the tolerance (counts by one) up and "
              "down: exit code 1 if a row stays good");
  c->add_flag("--list", o.list, "Only print the rows");
  c->add_flag("-q,--quiet", o.quiet, "No progress");
  c->footer(
      "\nRows are files in tests/validation/rows; src/validate/README.md has their format.\n"
      "Exit code 1 if a row is outside its tolerance, or a known gap has closed.\n"
      "\nExample:\n  svasim validate -o validation\n  svasim validate kvm-n1 --points");
  c->callback([&o, &code] { code = app::validate(o); });
}

struct report_files {
  std::string result, out = "report.html";
};

void add_report(CLI::App& app, report_files& o, int& code) {
  CLI::App* c = app.add_subcommand("report", "HTML report of a run or of a sweep");
  c->add_option("result", o.result, "result.json, or the directory of a run or of a sweep")
      ->required();
  c->add_option("-o,--out", o.out, "File to write")->capture_default_str();
  c->footer("\nExample:\n  svasim report out/result.json -o out/report.html");
  c->callback([&o, &code] { code = app::report(o.result, o.out); });
}

void add_help(CLI::App& app) {
  CLI::App* man = app.add_subcommand("man", "Manual page, in troff");
  man->footer("\nExample:\n  svasim man | man -l -");
  man->callback([&app] { fmt::print("{}", app::man_page(app::help_of(app), app::version)); });
  CLI::App* completion = app.add_subcommand("completion", "Completion script for a shell");
  completion->require_subcommand(1);
  CLI::App* bash = completion->add_subcommand("bash", "For bash");
  bash->footer(
      "\nTo have it in every new shell, where svasim is on the PATH (./svasim is completed too):\n"
      "  svasim completion bash > ~/.local/share/bash-completion/completions/svasim\n"
      "\nExample:\n  source <(svasim completion bash)");
  bash->callback([&app] { fmt::print("{}", app::bash_completion(app::help_of(app))); });
}

// CLI11 says of a misspelled command only that one is required.
std::optional<std::string> unknown_command(const CLI::App& app, int argc, char** argv) {
  const CLI::App* at = &app;
  for (int i = 1; i < argc && argv[i][0] != '-'; ++i) {
    const CLI::App* next = nullptr;
    std::vector<std::string> names;
    for (const CLI::App* sub : at->get_subcommands({})) {
      names.push_back(sub->get_name());
      if (names.back() == argv[i]) next = sub;
    }
    if (names.empty()) return std::nullopt;
    if (next == nullptr) {
      const std::string nearest = describe::nearest_name(argv[i], names);
      return fmt::format("unknown command \"{}\"{}", base::printable(argv[i]),
                         nearest.empty() ? "" : "; did you mean \"" + nearest + "\"?");
    }
    at = next;
  }
  return std::nullopt;
}

int dispatch(int argc, char** argv) {
  CLI::App app(about, "svasim");
  app.footer(footer);
  app.require_subcommand(1);
  app.set_version_flag("--version", fmt::format("svasim {}", app::version));
  int code = 0;
  app::run_options run;
  app::translate_options translate;
  app::bench_options bench;
  app::platform_options platform;
  app::trace_options trace;
  report_files report;
  app::reuse_options reuse;
  app::sweep_options sweep;
  app::compare_options compare;
  app::advise_options advise;
  app::validate_options validate;
  std::string of;
  add_run(app, run, code);
  add_translate(app, translate, code);
  add_bench(app, bench, code);
  add_platform(app, platform, code);
  add_trace(app, trace, code);
  add_report(app, report, code);
  add_reuse(app, reuse, code);
  add_sweep(app, sweep, code);
  add_compare(app, compare, code);
  add_advise(app, advise, code);
  add_validate(app, validate, code);
  add_descriptions(app, of, code);
  add_help(app);
  if (const auto problem = unknown_command(app, argc, argv)) {
    fmt::print(stderr, "{}\nRun with --help for more information.\n", *problem);
    return 2;
  }
  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& e) {
    return app.exit(e) == 0 ? 0 : 2;
  }
  return code;
}

int output_failed(const std::string& reason) {
  fmt::print(stderr, "cannot write standard output: {}\n", reason);
  return 2;
}

}  // namespace

int main(int argc, char** argv) {
  ::setenv("SYSTEMC_DISABLE_COPYRIGHT_MESSAGE", "1", 1);
  std::signal(SIGXFSZ, SIG_IGN);  // a file too large then is an error of write(), told as such
  try {
    const int code = dispatch(argc, argv);
    return std::fflush(stdout) == 0 ? code : output_failed(std::strerror(errno));
  } catch (const base::input_error& e) {
    for (const base::problem& p : e.problems()) fmt::print(stderr, "{}\n", p.text());
    return 2;
  } catch (const std::system_error& e) {  // of fmt::print
    return output_failed(e.code().message());
  } catch (const std::exception& e) {
    fmt::print(stderr, "svasim: {}\n", e.what());
    return 1;
  }
}
