#include "workloads/sva_workload.h"

#include <fmt/format.h>

#include <filesystem>
#include <stdexcept>

#include "base/error.h"
#include "describe/document.h"
#include "describe/effective.h"
#include "describe/reader.h"

namespace svasim::workloads {
namespace {

using trace::buffer_end;
using trace::message_order;
using trace::sva_plan;

constexpr const char* of_the_workload = "A: choice of the workload";
constexpr std::uint64_t process_space = std::uint64_t{16} << 30;  // for its buffers

void describe_processes(sva_plan& p, describe::visitor& v) {
  v.field("name", p.name, "For reports; empty: that of the file.", "");
  v.field("question", p.question, "What the workload answers, a sentence.", "");
  v.field("vms", p.vms, {1, 256}, "VMs",
          "Each with the same processes; without virtualization they are processes of the host.",
          of_the_workload);
  v.field("processes", p.processes, {1, 4096}, "processes", "Of each VM; a PASID each.",
          of_the_workload);
  v.field("buffers", p.buffers, {1, 1000000}, "buffers", "Of a process, one after the other.",
          of_the_workload);
  v.field("buffer", p.buffer, base::bytes(64), base::gib(16),
          "Of them each: first what the device reads, then what it writes.", of_the_workload);
  v.choice(
      "end", p.end,
      {{"keep", buffer_end::keep},
       {"each", buffer_end::each},
       {"all_at_end", buffer_end::all_at_end}},
      "When a process gives a buffer back: never, when its messages are done, or all when the last "
      "buffer's are.",
      of_the_workload);
  v.field("seed", p.seed, {0, ~std::uint64_t{0}}, "seed", "Of the random choices.",
          "A: any number");
}

void describe_messages(sva_plan& p, describe::visitor& v) {
  v.field("messages", p.messages, {1, 1000000}, "messages",
          "For each buffer; the device goes over all of it.", of_the_workload);
  v.field("queue_depth", p.queue_depth, {1, 4096}, "messages",
          "Of a process, under way at a time; 1 is synchronous.", of_the_workload);
  v.field("access", p.access, base::bytes(1), base::kib(4), "Length of an access of the device.",
          "A: a maximum payload of 512 B");
  v.choice("order", p.order,
           {{"sequential", message_order::sequential}, {"random", message_order::random}},
           "Of the accesses of a message.", of_the_workload);
  v.field("write_percent", p.write_percent, {0, 100}, "%",
          "Pages that the device writes, the last ones of a buffer; it reads the others.",
          of_the_workload);
}

void describe_pages(sva_plan& p, describe::visitor& v) {
  v.field("touched_percent", p.touched_percent, {0, 100}, "%",
          "Pages that the process wrote before, drawn at random.", of_the_workload);
  v.field("cow_percent", p.cow_percent, {0, 100}, "%",
          "Of the other pages, those that are there read-only, until the first write copies them.",
          of_the_workload);
  v.field("swapped_percent", p.swapped_percent, {0, 100}, "%",
          "Of what is left, pages that are swapped out.", of_the_workload);
  v.field("storm_pages", p.storm_pages, {0, 262144}, "pages",
          "Unmapped together, again and again, anywhere in the buffer under way; 0: never.",
          of_the_workload);
  v.field("storm_interval", p.storm_interval, base::ns(100), base::us(1000000),
          "From one such unmap to the next.", of_the_workload);
  v.field("fork_after", p.fork_after, {0, 1000000}, "messages",
          "A process forks after every so many: all its pages become read-only; 0: never.",
          of_the_workload);
}

// Absent from the effective workload where it says nothing.
struct choice_group {
  trace::device_choice& c;
  void describe(describe::visitor& v) {
    v.field("names", c.names,
            "Devices of the platform that it uses, their names between commas; empty: all of them.",
            of_the_workload);
    v.field("functions", c.functions, {1, 64}, "functions",
            "That each VM has: they are taken from the devices in turn, so that the functions of "
            "VM 0 are on the first ones, those of VM 1 on the next, and round again. The processes "
            "of a VM share their address spaces with all of its functions, and send them their "
            "messages in turn.",
            of_the_workload);
  }
};

}  // namespace

void sva_workload::describe(describe::visitor& v) {
  v.choice("kind", kind, {{"sva", workload_kind::sva}},
           "Processes that share their address space with a device.", "");
  describe_processes(plan, v);
  describe_messages(plan, v);
  describe_pages(plan, v);
  choice_group on{plan.devices};
  v.group_if(plan.devices.given(), "devices", on, "On a platform with several devices.");
  v.rule(plan.access <= plan.buffer, "access",
         fmt::format("an access of {} is longer than the buffer", base::to_string(plan.access)));
  v.rule(plan.pages() * 4096 * plan.buffers <= process_space, "buffers",
         "the buffers of a process take more than 16GiB");
  v.rule(plan.storm_pages <= plan.pages(), "storm_pages",
         fmt::format("a buffer has {} pages", plan.pages()));
  v.rule(std::uint64_t{plan.vms} * plan.processes <= std::uint64_t{1} << 20, "processes",
         "more than 2^20 processes in all");
}

bool is_sva_workload(const std::string& path) {
  try {
    const describe::document d = describe::document::from_file(path);
    const describe::json_member* kind = d.root().find("kind");
    return kind != nullptr && kind->value.text == "sva";
  } catch (const base::input_error&) {
    return false;
  }
}

sva_plan read_sva_workload(const std::string& path) {
  sva_workload w;
  describe::read_into(describe::document::from_file(path), w);
  if (w.plan.name.empty()) w.plan.name = std::filesystem::path(path).stem().string();
  return w.plan;
}

std::string digest_of(const sva_plan& plan) {
  sva_workload w;
  w.plan = plan;
  return describe::effective_digest(w);
}

sva_plan stall_sweep_point(sva_plan plan, std::uint32_t times, std::uint32_t faulting_pages) {
  const std::uint64_t each = plan.pages();
  const std::uint64_t buffers = faulting_pages / each;
  if (buffers == 0 || faulting_pages % each != 0 || times % buffers != 0) {
    throw std::invalid_argument(
        fmt::format("{} faulting pages and {} messages do not divide into "
                    "buffers of {} pages",
                    faulting_pages, times, each));
  }
  plan.buffers = static_cast<std::uint32_t>(buffers);
  plan.messages = static_cast<std::uint32_t>(times / buffers);
  return plan;
}

}  // namespace svasim::workloads
