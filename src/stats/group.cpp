#include "stats/group.h"

#include <fmt/format.h>

#include <algorithm>
#include <nlohmann/json.hpp>
#include <stdexcept>
#include <utility>

namespace svasim::stats {
namespace {

template <class T>
void remove(std::vector<T*>& list, const T* item) {
  list.erase(std::remove(list.begin(), list.end(), item), list.end());
}

void check_shape(const std::string& name) {
  if (name.empty() || name.find('.') != std::string::npos) {
    throw std::invalid_argument(
        fmt::format("statistics: \"{}\" is no name: empty or with a '.'", name));
  }
}

}  // namespace

statistic::statistic(group* owner, std::string name, std::string unit, std::string sentence)
    : m_about(new description{std::move(name), std::move(unit), std::move(sentence)}),
      m_group(owner) {
  check_shape(m_about->name);
  if (m_group != nullptr) {
    m_group->check_name(m_about->name);
    m_group->m_statistics.push_back(this);
  }
}

statistic::~statistic() {
  if (m_group != nullptr) {
    remove(m_group->m_statistics, this);
  }
}

group::group(group* parent, std::string name) : m_name(std::move(name)), m_parent(parent) {
  check_shape(m_name);
  if (m_parent != nullptr) {
    m_parent->check_name(m_name);
    m_parent->m_groups.push_back(this);
  }
}

group::~group() {
  for (group* g : m_groups) {
    g->m_parent = nullptr;
  }
  for (statistic* s : m_statistics) {
    s->m_group = nullptr;
  }
  if (m_parent != nullptr) {
    remove(m_parent->m_groups, this);
  }
}

std::string group::path() const {
  if (m_parent == nullptr) {
    return {};
  }
  const std::string above = m_parent->path();
  return above.empty() ? m_name : above + '.' + m_name;
}

void group::check_name(const std::string& name) const {
  const auto same = [&](const auto* item) { return item->name() == name; };
  if (std::any_of(m_groups.begin(), m_groups.end(), same) ||
      std::any_of(m_statistics.begin(), m_statistics.end(), same)) {
    throw std::invalid_argument(
        fmt::format("statistics: \"{}\" exists twice in \"{}\"", name, m_name));
  }
}

template <class F>
void group::for_each(const F& f) const {
  for (statistic* s : m_statistics) {
    f(*s);
  }
  for (const group* g : m_groups) {
    g->for_each(f);
  }
}

void group::reset(base::duration now) {
  for_each([&](statistic& s) { s.reset(now); });
}

void group::snapshot(base::duration now) {
  for_each([&](statistic& s) { s.snapshot(now); });
}

void group::settle(base::duration now) {
  for_each([&](statistic& s) { s.settle(now); });
}

nlohmann::json group::to_json(span which) const {
  nlohmann::json out = nlohmann::json::object();  // a std::map: sorted keys
  for (const statistic* s : m_statistics) {
    out[s->name()] = s->to_json(which);
  }
  for (const group* g : m_groups) {
    out[g->name()] = g->to_json(which);
  }
  return out;
}

std::vector<documentation> group::document() const {
  std::vector<documentation> out;
  for_each([&](const statistic& s) {
    const std::string above = s.m_group->path();
    out.push_back(
        {above.empty() ? s.name() : above + '.' + s.name(), s.kind(), s.unit(), s.sentence()});
  });
  std::sort(out.begin(), out.end(),
            [](const documentation& a, const documentation& b) { return a.path < b.path; });
  return out;
}

}  // namespace svasim::stats
