// Direct bindings, or ones with a protocol checker in each.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "tlm/kit/protocol_checker.h"

namespace svasim::platforms {

class binder {
 public:
  explicit binder(bool check) : m_check(check) {}

  template <class Initiator, class Target>
  void operator()(Initiator& from, Target& to, const std::string& name,
                  kit::protocol_checker::exclusion rule = kit::protocol_checker::exclusion::all) {
    if (!m_check) {
      from.bind(to);
      return;
    }
    m_checkers.push_back(std::make_unique<kit::protocol_checker>(name.c_str(), rule));
    from.bind(m_checkers.back()->upstream);
    m_checkers.back()->downstream.bind(to);
  }
  void check_drained() const {
    for (const auto& c : m_checkers) c->check_drained();
  }

 private:
  const bool m_check;
  std::vector<std::unique_ptr<kit::protocol_checker>> m_checkers;
};

}  // namespace svasim::platforms
