// What is there once has the names that it always had; what is there several times has its own name
// in those of its statistics ("smmu.left.tbu0") and modules ("left_tcu").
#pragma once

#include <optional>
#include <string>

#include "stats/group.h"

namespace svasim::platforms {

class one_of_many {
 public:
  /// `name`: empty where there is one. Statistics of it stand in `parent`, or a group there.
  one_of_many(const std::string& name, stats::group& parent)
      : m_prefix(name.empty() ? "" : name + "_"), m_group(&parent) {
    if (name.empty()) return;
    m_own.emplace(&parent, name);
    m_group = &*m_own;
  }
  stats::group* group() { return m_group; }
  /// The name of a module of it.
  std::string module(const std::string& what) const { return m_prefix + what; }
  /// The name of a protocol checker.
  std::string check(const std::string& what) const { return m_prefix + "check_" + what; }

 private:
  std::string m_prefix;
  std::optional<stats::group> m_own;
  stats::group* m_group;
};

}  // namespace svasim::platforms
