#include "describe/include.h"

#include <fmt/format.h>
#include <tsl/robin_map.h>

#include <algorithm>
#include <cerrno>
#include <cstdio>
#include <cstring>
#include <memory>
#include <optional>
#include <string_view>
#include <utility>

#include "base/error.h"

namespace svasim::describe {
namespace {

namespace fs = std::filesystem;

constexpr std::size_t max_include_depth = 16;

// At most one byte more than `limit`: enough to see that a file, or a device such as /dev/zero, is
// larger.
std::string read_at_most(const std::string& path, std::size_t limit) {
  const auto fail = [&path](int code) {
    throw base::input_error(fmt::format("cannot open {}: {}", path, std::strerror(code)));
  };
  const std::unique_ptr<std::FILE, int (*)(std::FILE*)> file(std::fopen(path.c_str(), "rb"),
                                                             &std::fclose);
  if (!file) fail(errno);
  std::string out;
  std::string chunk(1 << 16, '\0');
  while (out.size() <= limit) {
    const std::size_t wanted = std::min(chunk.size(), limit + 1 - out.size());
    const std::size_t n = std::fread(chunk.data(), 1, wanted, file.get());
    out.append(chunk, 0, n);
    if (n == wanted) continue;
    if (std::ferror(file.get()) != 0) fail(errno);
    break;
  }
  return out;
}

fs::path identity(const fs::path& path) {
  std::error_code code;
  const fs::path canonical = fs::weakly_canonical(path, code);
  return code ? path.lexically_normal() : canonical;
}

// Takes the "$include" member out of an object; empty when it has none.
std::optional<json_value> take_include(json_value& object) {
  const auto at = std::find_if(object.members.begin(), object.members.end(),
                               [](const json_member& m) { return m.key == "$include"; });
  if (at == object.members.end()) return std::nullopt;
  std::optional<json_value> out(std::move(at->value));
  object.members.erase(at);
  return out;
}

}  // namespace

json_value loader::load_file(const std::string& path) {
  const std::string text = read_at_most(path, max_file_bytes);
  m_bytes_left -= std::min(m_bytes_left, text.size());
  return load_text(text, path, fs::path(path).parent_path(), false);
}

json_value loader::load_text(const std::string& text, const std::string& name,
                             const fs::path& directory, bool override_value) {
  const auto file = static_cast<std::uint32_t>(m_files.size());
  m_files.push_back(name);
  m_stack.push_back(identity(name));
  json_value v = parse_json(text, {name, file, override_value, m_values_left});
  expand(v, directory);
  m_stack.pop_back();
  return v;
}

json_value loader::load_included(const json_value& path, const fs::path& directory) {
  if (!path.is(json_value::type::string)) {
    fail(path.at, fmt::format("\"$include\" needs a file name, not {}", shown(path)));
  }
  if (m_stack.size() > max_include_depth) {
    fail(path.at, fmt::format("includes nested deeper than {} files", max_include_depth));
  }
  const fs::path target = (directory / path.text).lexically_normal();
  const auto same = std::find(m_stack.begin(), m_stack.end(), identity(target));
  if (same != m_stack.end()) {
    fail(path.at, fmt::format("{} includes itself", target.string()));
  }
  if (m_bytes_left == 0) {
    fail(path.at, fmt::format("the included files are larger than {} MiB in all",
                              (4 * max_file_bytes) >> 20));
  }
  json_value v;
  try {
    v = load_file(target.string());
  } catch (const base::input_error& e) {
    if (!e.problems().front().file.empty()) throw;
    fail(path.at, e.problems().front().message);  // it could not be opened
  }
  if (!v.is(json_value::type::object)) {
    fail(v.at, fmt::format("an included file needs an object, not {}", shown(v)));
  }
  return v;
}

void loader::expand(json_value& v, const fs::path& directory) {
  for (json_value& element : v.elements) expand(element, directory);
  if (v.is(json_value::type::object)) expand_object(v, directory);
}

void loader::expand_object(json_value& v, const fs::path& directory) {
  const std::optional<json_value> paths = take_include(v);
  for (json_member& m : v.members) expand(m.value, directory);
  if (!paths) return;
  json_value whole;
  whole.what = json_value::type::object;
  if (paths->is(json_value::type::array)) {
    for (const json_value& path : paths->elements) merge(whole, load_included(path, directory));
  } else {
    merge(whole, load_included(*paths, directory));
  }
  merge(whole, std::move(v));
  v = std::move(whole);
}

void loader::fail(position at, const std::string& message) const {
  throw base::input_error(base::problem{m_files[at.file], at.line, at.column, message});
}

void merge(json_value& into, json_value over) {
  tsl::robin_map<std::string, std::size_t> index;
  for (std::size_t i = 0; i < into.members.size(); ++i) index.emplace(into.members[i].key, i);
  into.at = over.at;
  for (json_member& m : over.members) {
    const auto known = index.find(m.key);
    if (known == index.end()) {
      into.members.push_back(std::move(m));
      continue;
    }
    json_member& present = into.members[known->second];
    present.at = m.at;
    if (present.value.is(json_value::type::object) && m.value.is(json_value::type::object) &&
        !is_sourced(m.value)) {
      merge(present.value, std::move(m.value));
    } else {
      present.value = std::move(m.value);
    }
  }
}

}  // namespace svasim::describe
