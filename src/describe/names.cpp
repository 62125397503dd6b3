#include "describe/names.h"

#include <algorithm>
#include <stdexcept>

namespace svasim::describe {

void declare_name(std::vector<std::string>& names, const std::string& path,
                  const std::string& name) {
  if (name.empty() || name == "value" || name[0] == '$' || name.find('.') != std::string::npos) {
    throw std::logic_error(dotted(path, name) + ": not a name for a parameter");
  }
  if (std::find(names.begin(), names.end(), name) != names.end()) {
    throw std::logic_error(dotted(path, name) + ": described twice");
  }
  names.push_back(name);
}

}  // namespace svasim::describe
