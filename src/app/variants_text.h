// The figures of SVA runs as text (platforms/sva/sva_result.h has their JSON).
#pragma once

#include <nlohmann/json_fwd.hpp>
#include <string>

namespace svasim::app {

/// A column for each variant: {letter: figures}.
std::string variants_table(const nlohmann::json& variants);
/// The hops of one fault, a line each.
std::string hops_text(const std::string& letter, const nlohmann::json& figures);

}  // namespace svasim::app
