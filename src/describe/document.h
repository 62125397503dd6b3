// A JSON document for the strict reader: one file, what it includes, and what the command line
// overrides. Every key and value keeps the position of the file that it came from.
//
// "$include": "parts/x.json", or a list of such paths, is legal in any object. The paths are
// relative to the including file. Included members come first; later includes and then the object's
// own members override them: objects merge member by member, everything else replaces, and so does
// a value that brings its own provenance ({"value": ..., "source": ...}).
#pragma once

#include <string>
#include <vector>

#include "base/error.h"
#include "describe/json_value.h"

namespace svasim::describe {

class document {
 public:
  /// Throws base::input_error for a file that cannot be read, is larger than 16 MiB or is not
  /// strict JSON (syntax, duplicate keys, nesting beyond 64), for an include that is one of those
  /// or no object, for an include cycle or includes nested deeper than 16, and for more than a
  /// million values in all.
  static document from_file(const std::string& path);
  /// The same for a text in memory; `name` stands for its file in messages and for relative
  /// includes.
  static document from_text(const std::string& text, const std::string& name);

  const json_value& root() const { return m_root; }
  /// The file names that positions index: the document first, then what came in later.
  const std::vector<std::string>& files() const { return m_files; }
  base::problem problem_at(position at, std::string message) const;

 private:
  friend void apply_override(document&, const std::string&);
  json_value m_root;
  std::vector<std::string> m_files;
};

/// One `--set PATH=VALUE`, for example "smmu.tbu.main_tlb.entries=512". VALUE is JSON when it
/// parses as JSON and a string otherwise; it replaces what was there. Members on the way are made
/// when missing; a list is entered by index ("devices.0.atc.entries=64", "devices[0].atc.entries").
/// Throws base::input_error
/// "--set PATH=VALUE: message" for an empty name in the path, an index that the list does not have,
/// or a bad value. Whether the path is known is for the reader to say.
void apply_override(document& d, const std::string& assignment);

}  // namespace svasim::describe
