// An SVA workload: processes that share their address space with a device, described in JSON. Such
// a file says "kind": "sva"; it is a plan (trace/sva_plan.h), not a source of records: what the
// device accesses follows from what software and device do.
#pragma once

#include <cstdint>
#include <string>

#include "describe/visitor.h"
#include "trace/sva_plan.h"

namespace svasim::workloads {

enum class workload_kind : std::uint8_t { sva };

struct sva_workload {
  workload_kind kind = workload_kind::sva;
  trace::sva_plan plan;
  void describe(describe::visitor& v);
};

/// Does the file say that it is one? False also for what is no JSON: reading it as any workload
/// then says why.
bool is_sva_workload(const std::string& path);
/// Throws base::input_error with every problem of the file. A plan without name gets the file's,
/// without folder and ".json".
trace::sva_plan read_sva_workload(const std::string& path);
/// Of the plan with all its defaults; 16 hexadecimal digits.
std::string digest_of(const trace::sva_plan& plan);

/// A point of the stall sweep of Kunpeng 920 (measurements 3.1): `times` messages in all, during
/// which `faulting_pages` fault. The pages make so many buffers, which share the messages. Throws
/// std::invalid_argument where they do not divide.
trace::sva_plan stall_sweep_point(trace::sva_plan plan, std::uint32_t times,
                                  std::uint32_t faulting_pages);

}  // namespace svasim::workloads
