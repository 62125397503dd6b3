#include "analysis/sweep/point_store.h"

#include <fmt/format.h>
#include <unistd.h>

#include <filesystem>
#include <utility>

#include "analysis/json_text.h"
#include "analysis/member_reader.h"
#include "base/error.h"
#include "base/file.h"

namespace svasim::sweep {
namespace {

namespace fs = std::filesystem;
using nlohmann::json;

std::string first_line(const std::string& text) {
  return text.substr(0, text.find('\n'));
}

}  // namespace

std::string failure::text() const {
  const std::string how =
      signal != 0 ? fmt::format("killed by signal {}", signal) : fmt::format("exit {}", exit);
  return message.empty() ? how : how + ": " + base::printable(first_line(message));
}

point_store::point_store(std::string directory) : m_directory(std::move(directory)) {
  base::make_directories(m_directory + "/points");
  base::make_directories(m_directory + "/failures");
}

point_store point_store::existing(std::string directory) {
  return {std::move(directory), no_making{}};
}

std::string point_store::result_file(const std::string& name) const {
  return m_directory + "/points/" + name + ".json";
}

std::string point_store::failure_file(const std::string& name) const {
  return m_directory + "/failures/" + name + ".json";
}

bool point_store::has_result(const std::string& name) const {
  return ::access(result_file(name).c_str(), F_OK) == 0;
}

std::vector<const plan_point*> point_store::missing(const plan& p) const {
  std::vector<const plan_point*> out;
  for (const plan_point& q : p.points) {
    if (!has_result(q.name)) out.push_back(&q);
  }
  return out;
}

void point_store::write_plan(const plan& p) const {
  base::write_file_atomically(m_directory + "/sweep.json", json_text(p));
}

void point_store::write_result(const std::string& name, const std::string& text) const {
  base::write_file_atomically(result_file(name), text);
}

void point_store::write_failure(const std::string& name, const failure& f) const {
  const json out = {
      {"exit", f.exit}, {"signal", f.signal}, {"message", f.message}, {"label", f.label}};
  base::write_file_atomically(failure_file(name),
                              out.dump(1, ' ', false, json::error_handler_t::replace) + "\n");
}

void point_store::remove_failure(const std::string& name) const {
  ::unlink(failure_file(name).c_str());
}

std::optional<failure> point_store::failure_of(const std::string& name) const {
  const std::string file = failure_file(name);
  if (::access(file.c_str(), F_OK) != 0) return std::nullopt;
  const json document = analysis::parse_json(base::read_file(file), file);
  analysis::problem_list problems(file);
  analysis::member_reader in(document, "", problems);
  failure out;
  out.exit = static_cast<int>(in.integer("exit"));
  out.signal = static_cast<int>(in.integer("signal"));
  out.message = in.text("message");
  out.label = in.text("label");
  in.finish();
  problems.throw_if_any();
  return out;
}

void point_store::remove_leftovers() const {
  for (const char* folder : {"", "/points", "/failures"}) {
    std::error_code ignored;  // what cannot be listed or removed does no harm
    for (const auto& entry : fs::directory_iterator(m_directory + folder, ignored)) {
      const std::string name = entry.path().filename().string();
      if (name.find(".tmp.") != std::string::npos) fs::remove(entry.path(), ignored);
    }
  }
}

}  // namespace svasim::sweep
