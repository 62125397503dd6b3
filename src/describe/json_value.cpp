#include "describe/json_value.h"

namespace svasim::describe {
namespace {

// At most `limit` bytes of `text`, not ending inside a UTF-8 sequence.
std::string cut(const std::string& text) {
  constexpr std::size_t limit = 60;
  if (text.size() <= limit) return text;
  std::size_t end = limit;
  while (end > 0 && (static_cast<unsigned char>(text[end]) & 0xc0u) == 0x80u) --end;
  return text.substr(0, end) + "...";
}

}  // namespace

const json_member* json_value::find(const std::string& key) const {
  for (const json_member& m : members) {
    if (m.key == key) return &m;
  }
  return nullptr;
}

json_member* json_value::find(const std::string& key) {
  return const_cast<json_member*>(static_cast<const json_value*>(this)->find(key));
}

bool is_sourced(const json_value& v) {
  return v.find("value") != nullptr;
}

std::string in_quotes(const std::string& text) {
  return '"' + cut(text) + '"';
}

std::string shown(const json_value& v) {
  switch (v.what) {
    case json_value::type::null:
      return "null";
    case json_value::type::boolean:
      return v.integer != 0 ? "true" : "false";
    case json_value::type::count:
      return std::to_string(v.integer);
    case json_value::type::number:
      return cut(v.text);
    case json_value::type::string:
      return in_quotes(v.text);
    case json_value::type::array:
      return "a list";
    case json_value::type::object:
      return "an object";
  }
  return {};
}

}  // namespace svasim::describe
