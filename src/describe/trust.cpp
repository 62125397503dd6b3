#include "describe/trust.h"

#include <fmt/format.h>

#include "describe/effective.h"
#include "describe/ranges.h"

namespace svasim::describe {

trust trust_of(const std::string& source) {
  if (source.rfind("M: ", 0) == 0) return trust::measured;
  if (source.rfind("T: ", 0) == 0) return trust::documents;
  if (source.rfind("D: ", 0) == 0) return trust::derived;
  if (source.rfind("A: ", 0) == 0) return trust::assumed;
  return trust::own;
}

std::string name_of(trust t) {
  constexpr const char* names[] = {"measured", "documents", "derived", "assumed", "own"};
  return names[static_cast<int>(t)];
}

void trust_counts::add(trust t) {
  switch (t) {
    case trust::measured:
      ++measured;
      return;
    case trust::documents:
      ++documents;
      return;
    case trust::derived:
      ++derived;
      return;
    case trust::assumed:
      ++assumed;
      return;
    case trust::own:
      ++own;
  }
}

std::string to_string(const trust_counts& c) {
  const std::string out = fmt::format("{} measured, {} from documents, {} derived, {} assumed",
                                      c.measured, c.documents, c.derived, c.assumed);
  return c.own == 0 ? out : fmt::format("{}, {} without a tag", out, c.own);
}

trust trust_of(const std::map<std::string, std::string>& sources, const std::string& path) {
  const auto it = sources.find(path);
  return it == sources.end() ? trust::own : trust_of(it->second);
}

trust_counts count_trust(const declaration& root,
                         const std::map<std::string, std::string>& sources) {
  trust_counts out;
  for (const parameter_info& p : parameters(root)) {
    if (is_number(p.kind)) out.add(trust_of(sources, p.path));
  }
  return out;
}

}  // namespace svasim::describe
