#include "analysis/member_reader.h"

namespace svasim::analysis {
namespace {

const nlohmann::json& empty_object() {
  static const nlohmann::json value = nlohmann::json::object();
  return value;
}

const nlohmann::json& empty_array() {
  static const nlohmann::json value = nlohmann::json::array();
  return value;
}

// A document built in memory may hold a non-negative number as a signed one.
std::optional<std::uint64_t> as_integer(const nlohmann::json& v) {
  if (v.is_number_unsigned()) return v.get<std::uint64_t>();
  if (!v.is_number_integer() || v.get<std::int64_t>() < 0) return std::nullopt;
  return v.get<std::uint64_t>();
}

constexpr const char* integer_expected = "must be an integer from 0 to 18446744073709551615";

}  // namespace

void problem_list::add(const std::string& path, const std::string& message) {
  if (m_problems.size() >= 100) return;
  m_problems.push_back({m_file, 0, 0, path.empty() ? message : path + ": " + message});
}

void problem_list::throw_if_any() const {
  if (!m_problems.empty()) throw base::input_error(m_problems);
}

member_reader::member_reader(const nlohmann::json& object, std::string path, problem_list& problems)
    : m_object(object.is_object() ? object : empty_object()),
      m_path(std::move(path)),
      m_problems(problems) {
  if (!object.is_object()) m_problems.add(m_path, "must be an object");
}

std::string member_reader::path_of(const std::string& key) const {
  return m_path.empty() ? key : m_path + "." + key;
}

void member_reader::problem(const std::string& key, const std::string& message) {
  m_problems.add(path_of(key), message);
}

const nlohmann::json* member_reader::take(const char* key) {
  m_taken.insert(key);
  const auto it = m_object.find(key);
  if (it != m_object.end()) return &*it;
  problem(key, "is missing");
  return nullptr;
}

void member_reader::finish() const {
  for (const auto& [key, value] : m_object.items()) {
    if (m_taken.count(key) == 0) m_problems.add(path_of(key), "is not known here");
  }
}

std::uint64_t member_reader::integer(const char* key) {
  const nlohmann::json* v = take(key);
  if (v == nullptr) return 0;
  if (const auto n = as_integer(*v)) return *n;
  problem(key, integer_expected);
  return 0;
}

bool member_reader::holds_integer(const char* key) const {
  const auto it = m_object.find(key);
  return it != m_object.end() && as_integer(*it).has_value();
}

bool member_reader::holds_text(const char* key) const {
  const auto it = m_object.find(key);
  return it != m_object.end() && it->is_string();
}

std::optional<std::uint64_t> member_reader::integer_or_null(const char* key) {
  const auto it = m_object.find(key);
  if (it == m_object.end() || !it->is_null()) return integer(key);
  m_taken.insert(key);
  return std::nullopt;
}

bool member_reader::boolean(const char* key) {
  const nlohmann::json* v = take(key);
  if (v == nullptr) return false;
  if (v->is_boolean()) return v->get<bool>();
  problem(key, "must be true or false");
  return false;
}

std::string member_reader::text(const char* key) {
  const nlohmann::json* v = take(key);
  if (v == nullptr) return {};
  if (v->is_string()) return v->get<std::string>();
  problem(key, "must be a text");
  return {};
}

const nlohmann::json& member_reader::object(const char* key) {
  const nlohmann::json* v = take(key);
  if (v == nullptr) return empty_object();
  if (v->is_object()) return *v;
  problem(key, "must be an object");
  return empty_object();
}

const nlohmann::json& member_reader::array(const char* key) {
  const nlohmann::json* v = take(key);
  if (v == nullptr) return empty_array();
  if (v->is_array()) return *v;
  problem(key, "must be an array");
  return empty_array();
}

std::map<std::string, std::uint64_t> member_reader::integers(const char* key) {
  std::map<std::string, std::uint64_t> out;
  for (const auto& [name, value] : object(key).items()) {
    if (const auto n = as_integer(value)) {
      out.emplace(name, *n);
    } else {
      problem(key + ("." + name), integer_expected);
    }
  }
  return out;
}

std::map<std::string, std::optional<std::uint64_t>> member_reader::integers_or_null(
    const char* key) {
  std::map<std::string, std::optional<std::uint64_t>> out;
  for (const auto& [name, value] : object(key).items()) {
    const std::optional<std::uint64_t> n = as_integer(value);
    if (!n && !value.is_null()) problem(key + ("." + name), integer_expected);
    out.emplace(name, n);
  }
  return out;
}

std::map<std::string, std::string> member_reader::texts(const char* key) {
  std::map<std::string, std::string> out;
  for (const auto& [name, value] : object(key).items()) {
    if (value.is_string()) {
      out.emplace(name, value.get<std::string>());
    } else {
      problem(key + ("." + name), "must be a text");
    }
  }
  return out;
}

}  // namespace svasim::analysis
