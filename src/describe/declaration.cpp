#include "describe/declaration.h"

#include <algorithm>
#include <limits>
#include <utility>

#include "describe/names.h"

namespace svasim::describe {
namespace {

using kind = declaration::kind;

class collector : public visitor {
 public:
  collector() { enter({}, ""); }

  declaration result() { return std::move(m_open.back().node); }

  void field(const char* name, std::uint32_t& v, count_range r, const char* unit,
             const char* sentence, const char* provenance) override {
    r.max = std::min<std::uint64_t>(r.max, std::numeric_limits<std::uint32_t>::max());
    add_count(name, v, r, unit, sentence, provenance);
  }
  void field(const char* name, std::uint64_t& v, count_range r, const char* unit,
             const char* sentence, const char* provenance) override {
    add_count(name, v, r, unit, sentence, provenance);
  }
  void field(const char* name, base::duration& v, base::duration min, base::duration max,
             const char* sentence, const char* provenance) override {
    add_quantity(kind::time, "ps", name, v, min, max, sentence, provenance);
  }
  void field(const char* name, base::byte_size& v, base::byte_size min, base::byte_size max,
             const char* sentence, const char* provenance) override {
    add_quantity(kind::size, "B", name, v, min, max, sentence, provenance);
  }
  void field(const char* name, base::frequency& v, base::frequency min, base::frequency max,
             const char* sentence, const char* provenance) override {
    add_quantity(kind::frequency, "Hz", name, v, min, max, sentence, provenance);
  }
  void field(const char* name, base::byte_rate& v, base::byte_rate min, base::byte_rate max,
             const char* sentence, const char* provenance) override {
    add_quantity(kind::rate, "B/s", name, v, min, max, sentence, provenance);
  }
  void field(const char* name, bool& v, const char* sentence, const char* provenance) override {
    add(kind::boolean, name, sentence, provenance).value = v;
  }
  void field(const char* name, std::string& v, const char* sentence,
             const char* provenance) override {
    add(kind::string, name, sentence, provenance).value = v;
  }
  void rule(bool, const char*, const std::string&) override {}

 protected:
  void choose(const char* name, std::size_t& index, const std::vector<const char*>& names,
              const char* sentence, const char* provenance) override {
    declaration& d = add(kind::choice, name, sentence, provenance);
    d.value = names[index];
    d.choices.assign(names.begin(), names.end());
  }
  void begin_group(const char* name, const char* sentence) override {
    declaration d = make(kind::group, name, sentence, "");
    enter(std::move(d), dotted(m_open.back().path, name));
  }
  void end_group() override { leave(); }
  void note_absent() override { m_open.back().node.absent = true; }
  std::optional<std::size_t> begin_list(const char* name, std::size_t, count_range count,
                                        const char* sentence) override {
    declaration d = make(kind::list, name, sentence, "");
    d.min = count.min;
    d.max = count.max;
    enter(std::move(d), dotted(m_open.back().path, name));
    return std::nullopt;
  }
  void begin_element(std::size_t index) override {
    declaration d;
    d.name = std::to_string(index);
    const std::string path = dotted(m_open.back().path, d.name);
    enter(std::move(d), path);
  }
  void end_element() override { leave(); }
  bool begin_prototype() override {
    enter({}, m_open.back().path);
    return true;
  }
  void end_prototype() override {
    declaration prototype = std::move(m_open.back().node);
    m_open.pop_back();
    m_open.back().node.prototype.push_back(std::move(prototype));
  }
  void end_list() override { leave(); }

 private:
  struct frame {
    declaration node;
    std::string path;
    std::vector<std::string> names;
  };

  void enter(declaration d, const std::string& path) { m_open.push_back({std::move(d), path, {}}); }
  void leave() {
    declaration d = std::move(m_open.back().node);
    m_open.pop_back();
    m_open.back().node.members.push_back(std::move(d));
  }

  declaration make(kind what, const char* name, const char* sentence, const char* provenance) {
    declare_name(m_open.back().names, m_open.back().path, name);
    declaration d;
    d.what = what;
    d.name = name;
    d.sentence = sentence;
    d.provenance = provenance;
    return d;
  }
  // The new field stays valid until the next one is added.
  declaration& add(kind what, const char* name, const char* sentence, const char* provenance) {
    m_open.back().node.members.push_back(make(what, name, sentence, provenance));
    return m_open.back().node.members.back();
  }
  void add_count(const char* name, std::uint64_t v, count_range r, const char* unit,
                 const char* sentence, const char* provenance) {
    declaration& d = add(kind::count, name, sentence, provenance);
    d.value = v;
    d.unit = unit;
    d.min = r.min;
    d.max = r.max;
  }
  template <class Q>
  void add_quantity(kind what, const char* unit, const char* name, Q v, Q min, Q max,
                    const char* sentence, const char* provenance) {
    declaration& d = add(what, name, sentence, provenance);
    d.value = base::to_string(v);
    d.unit = unit;
    d.min = min.value();
    d.max = max.value();
  }

  std::vector<frame> m_open;
};

}  // namespace

const char* name_of(kind k) {
  switch (k) {
    case kind::count:
      return "count";
    case kind::time:
      return "time";
    case kind::size:
      return "size";
    case kind::frequency:
      return "frequency";
    case kind::rate:
      return "rate";
    case kind::boolean:
      return "boolean";
    case kind::string:
      return "string";
    case kind::choice:
      return "choice";
    case kind::group:
      return "group";
    case kind::list:
      return "list";
  }
  return "";
}

std::string value_text(kind k, std::uint64_t v) {
  switch (k) {
    case kind::time:
      return base::to_string(base::duration(v));
    case kind::size:
      return base::to_string(base::byte_size(v));
    case kind::frequency:
      return base::to_string(base::frequency(v));
    case kind::rate:
      return base::to_string(base::byte_rate(v));
    default:
      return std::to_string(v);
  }
}

std::string value_text(const declaration& field) {
  return field.value.is_string() ? field.value.get<std::string>() : field.value.dump();
}

declaration declare_from(const std::function<void(visitor&)>& description) {
  collector c;
  description(c);
  return c.result();
}

}  // namespace svasim::describe
