// How far numbers can be trusted: the tag that a source begins with, counted.
#pragma once

#include <cstdint>
#include <map>
#include <string>

#include "describe/declaration.h"

namespace svasim::describe {

/// M measured, T from a vendor's document or a specification, D derived from those or fitted, A
/// assumed. `own`: a source without a tag, as in "set by --set".
enum class trust { measured, documents, derived, assumed, own };

trust trust_of(const std::string& source);
/// "measured", "documents", "derived", "assumed", "own".
std::string name_of(trust t);

struct trust_counts {
  std::uint64_t measured = 0, documents = 0, derived = 0, assumed = 0, own = 0;

  void add(trust t);
  std::uint64_t total() const { return measured + documents + derived + assumed + own; }
};

/// "11 measured, 51 from documents, 28 derived, 120 assumed", and at the end ", 2 without a tag"
/// where there are such.
std::string to_string(const trust_counts& counts);

/// The same of the parameter at `path`; `own` where `sources` does not have it.
trust trust_of(const std::map<std::string, std::string>& sources, const std::string& path);

/// The numbers of `root` (counts and quantities; not names, switches and choices) by the tags of
/// their sources: dotted path -> source.
trust_counts count_trust(const declaration& root,
                         const std::map<std::string, std::string>& sources);

}  // namespace svasim::describe
