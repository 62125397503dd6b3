// Work in a process of its own: SystemC has one kernel a process, so each further simulation of a
// program needs one.
#pragma once

#include <functional>
#include <string>

namespace svasim::base {

/// What `work` returns when it runs in a copy of this process. Throws input_error or
/// std::runtime_error with the text of the one it threw; std::runtime_error if the copy could not
/// be made or ended otherwise. The process must have one thread.
std::string in_child(const std::function<std::string()>& work);

}  // namespace svasim::base
