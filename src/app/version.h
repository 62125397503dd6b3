// The program's version, as results and sweeps name it.
#pragma once

namespace svasim::app {

inline constexpr const char* version = "0.1.0";

}  // namespace svasim::app
