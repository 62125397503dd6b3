// SystemC has one kernel a process. A test that needs several simulations runs each in a child of
// its own.
#pragma once

#include <functional>
#include <string>

namespace svasim::test {

/// What `work` returns when it runs in a child process. Throws std::runtime_error with the text of
/// what it threw, or if the child ended in another way.
std::string in_child(const std::function<std::string()>& work);

}  // namespace svasim::test
