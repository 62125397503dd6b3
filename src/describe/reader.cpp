#include "describe/reader.h"

#include <fmt/format.h>

#include <algorithm>
#include <limits>
#include <tuple>

#include "describe/json_parse.h"
#include "describe/names.h"
#include "describe/quantity_kind.h"
#include "describe/spelling.h"

namespace svasim::describe {
namespace {

using type = json_value::type;

// The struct that is being read.
struct frame {
  std::string path;
  const json_value* object = nullptr;   // null when the document does not mention it
  position near;                        // of the object, or of what is around it
  std::vector<std::string> names = {};  // what the description declared so far
  bool well_read = true;
  struct failed_rule {
    std::string field;
    std::string message;
  };
  std::vector<failed_rule> failed_rules = {};
};

class reader : public visitor {
 public:
  explicit reader(const document& d) : m_document(d) {
    const json_value& root = d.root();
    enter("", &root, root.at);
  }

  void finish();

  void field(const char* name, std::uint32_t& v, count_range r, const char* unit, const char*,
             const char*) override {
    r.max = std::min<std::uint64_t>(r.max, std::numeric_limits<std::uint32_t>::max());
    if (const auto n = count(name, r, unit)) v = static_cast<std::uint32_t>(*n);
  }
  void field(const char* name, std::uint64_t& v, count_range r, const char* unit, const char*,
             const char*) override {
    if (const auto n = count(name, r, unit)) v = *n;
  }
  void field(const char* name, base::duration& v, base::duration min, base::duration max,
             const char*, const char*) override {
    quantity(name, v, min, max);
  }
  void field(const char* name, base::byte_size& v, base::byte_size min, base::byte_size max,
             const char*, const char*) override {
    quantity(name, v, min, max);
  }
  void field(const char* name, base::frequency& v, base::frequency min, base::frequency max,
             const char*, const char*) override {
    quantity(name, v, min, max);
  }
  void field(const char* name, base::byte_rate& v, base::byte_rate min, base::byte_rate max,
             const char*, const char*) override {
    quantity(name, v, min, max);
  }
  void field(const char* name, bool& v, const char*, const char*) override;
  void field(const char* name, std::string& v, const char*, const char*) override;
  void rule(bool holds, const char* field, const std::string& message) override;

 protected:
  void choose(const char* name, std::size_t& index, const std::vector<const char*>& names,
              const char*, const char*) override;
  void begin_group(const char* name, const char*) override;
  void end_group() override { leave(); }
  std::optional<std::size_t> begin_list(const char* name, std::size_t size, count_range count,
                                        const char*) override;
  void begin_element(std::size_t index) override;
  void end_element() override { leave(); }
  void end_list() override { m_lists.pop_back(); }

 private:
  struct list_frame {
    std::string path;
    const json_value* array = nullptr;  // null when the elements are the default ones
    position near;
  };
  struct located_problem {
    position at;
    std::string message;
  };

  void enter(const std::string& path, const json_value* object, position near);
  void leave();
  void check_keys(const frame& f);
  void check_annotation(const std::string& path, const json_member& m);
  const json_value* find(const char* name);
  const json_value* find_leaf(const char* name);
  const json_value* sourced_value(const std::string& path, const json_value& v);
  template <class Parse>
  void check_range(const char* name, std::uint64_t value, const std::string& example,
                   const std::string& legal, const Parse& parse);
  void refuse_range(const char* name);
  std::optional<std::uint64_t> count(const char* name, count_range r, const char* unit);
  template <class Q>
  void quantity(const char* name, Q& v, Q min, Q max);
  std::string path_of(const char* name) const { return dotted(m_frames.back().path, name); }
  void unknown_key(const std::string& path, const json_member& m,
                   const std::vector<std::string>& known);
  void complain(position at, std::string message);
  void complain_of(const char* name, const json_value& v, const std::string& what) {
    complain(v.at, path_of(name) + " " + what);
  }

  const document& m_document;
  std::vector<frame> m_frames;
  std::vector<list_frame> m_lists;
  std::vector<located_problem> m_problems;
  const json_value* m_range = nullptr;  // beside the value that find_leaf() found last
  bool m_more = false;
};

void reader::complain(position at, std::string message) {
  m_frames.back().well_read = false;
  if (m_problems.size() < max_problems) {
    m_problems.push_back({at, std::move(message)});
  } else {
    m_more = true;
  }
}

void reader::enter(const std::string& path, const json_value* object, position near) {
  m_frames.push_back({path, object, near});
  if (object == nullptr || object->is(type::object)) return;
  m_frames.back().object = nullptr;
  complain(object->at, fmt::format("{} needs an object, not {}",
                                   path.empty() ? "the document" : path, shown(*object)));
}

// The member or element of `v` that `name` tells.
const json_value* inner_value(const json_value& v, const std::string& name) {
  if (v.is(type::array)) {
    const std::size_t index = std::stoul(name);
    return index < v.elements.size() ? &v.elements[index] : nullptr;
  }
  const json_member* const m = v.find(name);
  return m != nullptr ? &m->value : nullptr;
}

// Where the field of a rule, possibly one of a nested struct or list ("tlb.ways", "ports.1.name"),
// is given; when it is not, the innermost object around it.
position position_of(const frame& f, std::string field) {
  position at = f.near;
  for (const json_value* v = f.object; v != nullptr && !field.empty();) {
    const std::size_t dot = std::min(field.find('.'), field.size());
    v = inner_value(*v, field.substr(0, dot));
    if (v != nullptr) at = v->at;
    field.erase(0, dot + 1);
  }
  return at;
}

void reader::leave() {
  const frame& f = m_frames.back();
  if (f.object != nullptr) check_keys(f);
  const bool well_read = f.well_read;
  if (well_read) {
    for (const auto& [field, message] : f.failed_rules) {
      complain(position_of(f, field), dotted(f.path, field) + ": " + message);
    }
  }
  m_frames.pop_back();
  if (!well_read && !m_frames.empty()) m_frames.back().well_read = false;
}

void reader::check_keys(const frame& f) {
  for (const json_member& m : f.object->members) {
    if (m.key == "$schema" || m.key == "$comment") {
      check_annotation(f.path, m);
    } else if (std::find(f.names.begin(), f.names.end(), m.key) == f.names.end()) {
      unknown_key(f.path, m, f.names);
    }
  }
}

void reader::check_annotation(const std::string& path, const json_member& m) {
  if (m.value.is(type::string)) return;
  complain(m.value.at,
           fmt::format("{} needs a string, not {}", dotted(path, m.key), shown(m.value)));
}

void reader::unknown_key(const std::string& path, const json_member& m,
                         const std::vector<std::string>& known) {
  const bool full = m_problems.size() == max_problems;  // then the search is not worth its time
  const std::string nearest = full ? "" : nearest_name(m.key, known);
  complain(m.at,
           fmt::format("{}unknown key {}{}", path.empty() ? "" : path + ": ", in_quotes(m.key),
                       nearest.empty() ? "" : "; did you mean \"" + nearest + "\"?"));
}

const json_value* reader::find(const char* name) {
  frame& f = m_frames.back();
  declare_name(f.names, f.path, name);
  const json_member* const m = f.object != nullptr ? f.object->find(name) : nullptr;
  return m != nullptr ? &m->value : nullptr;
}

const json_value* reader::find_leaf(const char* name) {
  const json_value* const v = find(name);
  m_range = nullptr;
  if (v == nullptr || !v->is(type::object)) return v;
  return sourced_value(path_of(name), *v);
}

// The value inside {"value": ..., "source": ..., "range": ...}; null after a complaint.
const json_value* reader::sourced_value(const std::string& path, const json_value& v) {
  const json_value* out = nullptr;
  for (const json_member& m : v.members) {
    if (m.key == "value") {
      out = &m.value;
    } else if (m.key == "range") {
      m_range = &m.value;
    } else if (m.key == "source" || m.key == "$schema" || m.key == "$comment") {
      check_annotation(path, m);
    } else {
      unknown_key(path, m, {"value", "source", "range"});
    }
  }
  if (out == nullptr) complain(v.at, path + " has no \"value\"");
  return out;
}

// Both ends as the value itself, which lies between them. `parse` gives what is legal.
template <class Parse>
void reader::check_range(const char* name, std::uint64_t value, const std::string& example,
                         const std::string& legal, const Parse& parse) {
  if (m_range == nullptr) return;
  const std::string path = path_of(name) + ".range";
  if (!m_range->is(type::array) || m_range->elements.size() != 2) {
    complain(m_range->at,
             fmt::format("{} needs the least and the greatest value, as in {}", path, example));
    return;
  }
  const auto low = parse(m_range->elements[0]);
  const auto high = parse(m_range->elements[1]);
  if (!low || !high) {
    complain(m_range->elements[low ? 1 : 0].at,
             fmt::format("{} must have values of {}, not {}", path, legal,
                         shown(m_range->elements[low ? 1 : 0])));
  } else if (*low > value || *high < value) {
    complain(m_range->at, path + " does not hold the value");
  }
}

void reader::refuse_range(const char* name) {
  if (m_range != nullptr) complain(m_range->at, path_of(name) + ".range: only numbers have one");
}

bool is_whole(const std::string& number) {
  return number.find_first_not_of("-0123456789") == std::string::npos;
}

std::optional<std::uint64_t> reader::count(const char* name, count_range r, const char* unit) {
  const json_value* const v = find_leaf(name);
  if (v == nullptr) return std::nullopt;
  if (v->is(type::number) && is_whole(v->text)) {
    complain_of(name, *v,
                v->text[0] == '-' ? fmt::format("must not be negative, but is {}", shown(*v))
                                  : fmt::format("does not fit in 64 bits: {}", shown(*v)));
    return std::nullopt;
  }
  if (!v->is(type::count)) {
    complain_of(name, *v,
                fmt::format("needs a whole number{}{}, not {}", *unit == '\0' ? "" : " of ", unit,
                            shown(*v)));
    return std::nullopt;
  }
  if (v->integer < r.min || v->integer > r.max) {
    complain_of(name, *v,
                fmt::format("must be {} to {}{}{}, but is {}", r.min, r.max,
                            *unit == '\0' ? "" : " ", unit, v->integer));
    return std::nullopt;
  }
  check_range(name, v->integer, "[16, 64]", fmt::format("{} to {}", r.min, r.max),
              [&r](const json_value& end) -> std::optional<std::uint64_t> {
                if (!end.is(type::count) || end.integer < r.min || end.integer > r.max) return {};
                return end.integer;
              });
  return v->integer;
}

template <class Q>
void reader::quantity(const char* name, Q& v, Q min, Q max) {
  using kind = quantity_kind<Q>;
  const json_value* const given = find_leaf(name);
  if (given == nullptr) return;
  const auto parsed = given->is(type::string) ? kind::parse(given->text) : std::nullopt;
  if (!parsed) {
    complain_of(
        name, *given,
        fmt::format("needs {} such as \"{}\", not {}", kind::a_name, kind::example, shown(*given)));
  } else if (*parsed < min || *parsed > max) {
    complain_of(name, *given,
                fmt::format("must be {} to {}, but is {}", base::to_string(min),
                            base::to_string(max), base::to_string(*parsed)));
  } else {
    v = *parsed;
    check_range(name, v.value(), fmt::format("[\"{0}\", \"{0}\"]", kind::example),
                fmt::format("{} to {}", base::to_string(min), base::to_string(max)),
                [&](const json_value& end) -> std::optional<std::uint64_t> {
                  const auto q = end.is(type::string) ? kind::parse(end.text) : std::nullopt;
                  if (!q || *q < min || *q > max) return {};
                  return q->value();
                });
  }
}

void reader::field(const char* name, bool& v, const char*, const char*) {
  const json_value* const given = find_leaf(name);
  if (given == nullptr) return;
  refuse_range(name);
  if (given->is(type::boolean)) {
    v = given->integer != 0;
  } else {
    complain_of(name, *given, fmt::format("needs true or false, not {}", shown(*given)));
  }
}

void reader::field(const char* name, std::string& v, const char*, const char*) {
  const json_value* const given = find_leaf(name);
  if (given == nullptr) return;
  refuse_range(name);
  if (given->is(type::string)) {
    v = given->text;
  } else {
    complain_of(name, *given, fmt::format("needs a string, not {}", shown(*given)));
  }
}

void reader::choose(const char* name, std::size_t& index, const std::vector<const char*>& names,
                    const char*, const char*) {
  const json_value* const given = find_leaf(name);
  if (given == nullptr) return;
  refuse_range(name);
  const auto at = std::find(names.begin(), names.end(), given->text);
  if (given->is(type::string) && at != names.end()) {
    index = static_cast<std::size_t>(at - names.begin());
    return;
  }
  complain_of(
      name, *given,
      fmt::format("must be one of \"{}\", not {}", fmt::join(names, "\", \""), shown(*given)));
}

void reader::begin_group(const char* name, const char*) {
  const json_value* const v = find(name);
  enter(path_of(name), v, v != nullptr ? v->at : m_frames.back().near);
}

std::optional<std::size_t> reader::begin_list(const char* name, std::size_t, count_range count,
                                              const char*) {
  const json_value* const v = find(name);
  m_lists.push_back({path_of(name), nullptr, v != nullptr ? v->at : m_frames.back().near});
  if (v == nullptr) return std::nullopt;
  if (!v->is(type::array)) {
    complain_of(name, *v, fmt::format("needs a list, not {}", shown(*v)));
    return std::nullopt;
  }
  const std::size_t size = v->elements.size();
  if (size < count.min || size > count.max) {
    complain_of(name, *v,
                fmt::format("must have {} to {} elements, but has {}", count.min, count.max, size));
    return std::nullopt;
  }
  m_lists.back().array = v;
  return size;
}

void reader::begin_element(std::size_t index) {
  const list_frame& list = m_lists.back();
  const json_value* const v = list.array != nullptr ? &list.array->elements[index] : nullptr;
  enter(dotted(list.path, std::to_string(index)), v, v != nullptr ? v->at : list.near);
}

void reader::rule(bool holds, const char* field, const std::string& message) {
  if (!holds) m_frames.back().failed_rules.push_back({field, message});
}

void reader::finish() {
  leave();
  if (m_problems.empty()) return;
  std::stable_sort(m_problems.begin(), m_problems.end(), [](const auto& a, const auto& b) {
    return std::tie(a.at.file, a.at.line, a.at.column) <
           std::tie(b.at.file, b.at.line, b.at.column);
  });
  std::vector<base::problem> problems;
  for (located_problem& p : m_problems) {
    problems.push_back(m_document.problem_at(p.at, std::move(p.message)));
  }
  if (m_more) {
    problems.push_back({m_document.files().front(), 0, 0, "further problems are not listed"});
  }
  throw base::input_error(std::move(problems));
}

}  // namespace

void read(const document& d, const std::function<void(visitor&)>& description) {
  reader r(d);
  description(r);
  r.finish();
}

}  // namespace svasim::describe
