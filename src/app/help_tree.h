// Turns the declared command line (CLI11) into what help_pages.h writes.
#pragma once

#include "app/help_pages.h"

namespace CLI {
class App;
}

namespace svasim::app {

/// `program` with all its subcommands and options.
command_help help_of(const CLI::App& program);

}  // namespace svasim::app
