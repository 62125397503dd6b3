// Writes any trace or generator as one of svasim's own trace formats.
#pragma once

#include <optional>
#include <string>

#include "trace/record.h"

namespace svasim::workloads {

enum class trace_format { csv, svt };

/// By the end of the name, ".csv" or ".svt"; empty for another.
std::optional<trace_format> format_of(const std::string& path);

/// Reads `from` to its end. The file appears under its name only when all of it is on disk. Throws
/// base::input_error "cannot write FILE: REASON", and what `from` throws.
void convert(trace::source& from, const std::string& path, trace_format format);

}  // namespace svasim::workloads
