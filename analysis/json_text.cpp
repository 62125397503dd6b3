#include "analysis/json_text.h"

#include <algorithm>
#include <set>
#include <vector>

#include "base/error.h"

namespace svasim::analysis {
namespace {

constexpr int deepest = 64;

// "[json.exception.parse_error.101] parse error at line 1, column 2: syntax error while ..."
// carries the position twice; only the last part is for people.
std::string reason(const std::string& what) {
  const std::size_t at = what.find(": ");
  return at == std::string::npos ? what : what.substr(at + 2);
}

base::problem syntax_problem(const std::string& text, const std::string& name,
                             const nlohmann::json::parse_error& e) {
  const std::size_t end = std::min(e.byte == 0 ? 0 : e.byte - 1, text.size());
  const auto begin = text.begin();
  const auto stop = begin + static_cast<std::ptrdiff_t>(end);
  const std::size_t newline = end == 0 ? std::string::npos : text.rfind('\n', end - 1);
  const std::size_t column = newline == std::string::npos ? end + 1 : end - newline;
  const auto line = static_cast<std::uint64_t>(std::count(begin, stop, '\n')) + 1;
  return {name, line, column, reason(e.what())};
}

}  // namespace

nlohmann::json parse_json(const std::string& text, const std::string& name) {
  using event = nlohmann::json::parse_event_t;
  std::vector<std::set<std::string>> keys;
  const auto watch = [&](int depth, event what, nlohmann::json& value) {
    if (depth > deepest) {
      throw base::input_error({name, 0, 0, "nested deeper than " + std::to_string(deepest)});
    }
    if (what == event::object_start) keys.emplace_back();
    if (what == event::object_end) keys.pop_back();
    if (what == event::key && !keys.back().insert(value.get<std::string>()).second) {
      throw base::input_error(
          {name, 0, 0, "member \"" + value.get<std::string>() + "\" given twice"});
    }
    return true;
  };
  try {
    return nlohmann::json::parse(text, watch);
  } catch (const nlohmann::json::parse_error& e) {
    throw base::input_error(syntax_problem(text, name, e));
  } catch (const nlohmann::json::exception& e) {  // a number beyond all range
    throw base::input_error({name, 0, 0, reason(e.what())});
  }
}

}  // namespace svasim::analysis
