// The structures and descriptors of a walk in words: "FIELD=value" as the specifications name them.
#pragma once

#include <string>

#include "arch/cd.h"
#include "arch/ste.h"
#include "arch/walk.h"

namespace svasim::scenario {

/// How the descriptors of one stage are laid out.
struct table_format {
  unsigned granule_shift = 12;
  bool wide = false;  ///< 52-bit addresses
};

/// "4 KiB", "2 MiB", "1 GiB".
std::string size_text(unsigned shift);

/// One or more lines, each ending in a line feed and beginning with `indent`.
std::string fields_of_l1std(std::uint64_t word, const std::string& indent);
std::string fields_of_ste(const arch::structure_words& words, const std::string& indent);
std::string fields_of_l1cd(std::uint64_t word, const std::string& indent);
std::string fields_of_cd(const arch::structure_words& words, const std::string& indent);
std::string fields_of_descriptor(std::uint64_t word, arch::stage stage, int level,
                                 const table_format& format, const std::string& indent);

}  // namespace svasim::scenario
