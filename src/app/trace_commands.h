// What the subcommands of `svasim trace` share.
#pragma once

#include <memory>

#include "app/commands.h"
#include "trace/record.h"

namespace svasim::app {

/// The trace that the options name. Tells on standard error which bad lines were passed over.
std::unique_ptr<trace::source> open_input(const trace_options& o);

/// Reads the trace for a second and prints records/s and lines/s on standard error.
void print_read_speed(const trace_options& o);

}  // namespace svasim::app
