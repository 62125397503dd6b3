// What a user may have meant by a name that is not known.
#pragma once

#include <string>
#include <vector>

namespace svasim::describe {

/// The number of inserted, dropped, replaced and swapped neighbouring characters between two names.
std::size_t edit_distance(const std::string& a, const std::string& b);

/// The name nearest to `word`, the first of several; empty when none is closer than a third.
std::string nearest_name(const std::string& word, const std::vector<std::string>& names);

}  // namespace svasim::describe
