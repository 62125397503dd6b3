#include "describe/document.h"

#include <fmt/format.h>

#include <filesystem>
#include <nlohmann/json.hpp>
#include <utility>

#include "describe/include.h"

namespace svasim::describe {
namespace {

// "devices.0.atc" and "devices[0].atc" are the same path.
std::vector<std::string> split(const std::string& path) {
  std::vector<std::string> out(1);
  for (std::size_t i = 0; i < path.size(); ++i) {
    const char c = path[i];
    const bool index_ends =
        c == ']' && (i + 1 == path.size() || path[i + 1] == '.' || path[i + 1] == '[');
    if (c == '.' || c == '[') {
      out.emplace_back();
    } else if (!index_ends) {
      out.back() += c;
    }
  }
  return out;
}

bool is_utf8(const std::string& text) {
  try {
    static_cast<void>(nlohmann::json(text).dump());
    return true;
  } catch (const nlohmann::json::exception&) {
    return false;
  }
}

// The element that `name` counts, null when the list has none such.
json_value* element(json_value& list, const std::string& name) {
  if (name.size() > 9 || name.find_first_not_of("0123456789") != std::string::npos) return nullptr;
  const std::size_t index = std::stoul(name);
  return index < list.elements.size() ? &list.elements[index] : nullptr;
}

json_value text_value(std::string text, position at) {
  json_value v;
  v.what = json_value::type::string;
  v.at = at;
  v.text = std::move(text);
  return v;
}

// The member `name` of `v`, made when missing; what is no object becomes one.
json_value& member(json_value& v, const std::string& name, position at) {
  if (!v.is(json_value::type::object)) {
    v = json_value{};
    v.what = json_value::type::object;
    v.at = at;
  }
  if (json_member* const m = v.find(name)) {
    m->at = at;
    return m->value;
  }
  v.members.push_back({name, at, {}});
  return v.members.back().value;
}

// The place that the path names.
json_value& place(json_value& root, const std::vector<std::string>& names, position at,
                  const std::string& label) {
  json_value* v = &root;
  std::string path;
  for (const std::string& name : names) {
    if (v->is(json_value::type::array)) {
      const std::size_t size = v->elements.size();
      v = element(*v, name);
      if (v == nullptr) {
        throw base::input_error(base::problem{
            label, 0, 0,
            fmt::format("{} has {} elements; there is no {}", path, size, in_quotes(name))});
      }
    } else {
      v = &member(*v, name, at);
    }
    path += (path.empty() ? "" : ".") + name;
  }
  return *v;
}

}  // namespace

document document::from_file(const std::string& path) {
  document d;
  d.m_root = loader(d.m_files).load_file(path);
  return d;
}

document document::from_text(const std::string& text, const std::string& name) {
  document d;
  const auto directory = std::filesystem::path(name).parent_path();
  d.m_root = loader(d.m_files).load_text(text, name, directory, false);
  return d;
}

base::problem document::problem_at(position at, std::string message) const {
  return {m_files.at(at.file), at.line, at.column, std::move(message)};
}

void apply_override(document& d, const std::string& assignment) {
  const std::string label = "--set " + assignment;
  const auto fail = [&label](const std::string& message) {
    throw base::input_error(base::problem{label, 0, 0, message});
  };
  const std::size_t equals = assignment.find('=');
  if (equals == std::string::npos) fail("needs the form path=value");
  const std::vector<std::string> names = split(assignment.substr(0, equals));
  for (const std::string& name : names) {
    if (name.empty()) fail("a name in the path is empty");
  }
  if (names.size() > max_nesting) fail(fmt::format("nested deeper than {} levels", max_nesting));
  if (!is_utf8(assignment)) fail("not valid UTF-8");

  const std::string text = assignment.substr(equals + 1);
  const position at{static_cast<std::uint32_t>(d.m_files.size()), 0, 0};
  json_value v;
  if (nlohmann::json::accept(text)) {
    v = loader(d.m_files).load_text(text, label, {}, true);
  } else {
    d.m_files.push_back(label);
    v = text_value(text, at);
  }
  place(d.m_root, names, at, label) = std::move(v);
}

}  // namespace svasim::describe
