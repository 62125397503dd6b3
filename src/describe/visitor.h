// One declaration per parameter. A params struct states its fields once, in a member function
// `void describe(describe::visitor& v)`; the strict reader, the JSON schema, the parameter
// reference, the effective configuration and the sweep axes are all visitors of that one function.
//
//   void tlb_params::describe(describe::visitor& v) {
//     v.field("entries", entries, {0, 65536}, "entries", "Translations held; 0 leaves it out.",
//             "T: MMU-700 TRM table 2-32");
//     v.field("latency", latency, base::ns(0), base::us(1), "Lookup to hit.", "A: assumed");
//     v.rule(ways == 0 || entries % ways == 0, "ways", "the ways do not divide the entries");
//   }
//
// A default is what the member initialiser says. Names are unique in a struct, and a rule is stated
// after the fields that it looks at. Leaves out: optional fields, lists of plain values.
#pragma once

#include <cstddef>
#include <cstdint>
#include <initializer_list>
#include <optional>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

#include "base/units.h"

namespace svasim::describe {

/// Both ends are legal.
struct count_range {
  std::uint64_t min;
  std::uint64_t max;
};

class visitor {
 public:
  virtual ~visitor() = default;

  /// A count; `unit` names what is counted ("entries", "cycles"), empty for a bare number.
  /// `sentence` says what it means, `provenance` where the default comes from; it may be empty
  /// where there is nothing to say.
  virtual void field(const char* name, std::uint32_t& v, count_range r, const char* unit,
                     const char* sentence, const char* provenance) = 0;
  virtual void field(const char* name, std::uint64_t& v, count_range r, const char* unit,
                     const char* sentence, const char* provenance) = 0;

  /// A quantity, a string with unit in the document; both ends of the range are legal.
  virtual void field(const char* name, base::duration& v, base::duration min, base::duration max,
                     const char* sentence, const char* provenance) = 0;
  virtual void field(const char* name, base::byte_size& v, base::byte_size min, base::byte_size max,
                     const char* sentence, const char* provenance) = 0;
  virtual void field(const char* name, base::frequency& v, base::frequency min, base::frequency max,
                     const char* sentence, const char* provenance) = 0;
  virtual void field(const char* name, base::byte_rate& v, base::byte_rate min, base::byte_rate max,
                     const char* sentence, const char* provenance) = 0;

  virtual void field(const char* name, bool& v, const char* sentence, const char* provenance) = 0;
  virtual void field(const char* name, std::string& v, const char* sentence,
                     const char* provenance) = 0;

  /// One of `names`, by name in the document. Throws std::logic_error when `v` is none of them.
  template <class E>
  void choice(const char* name, E& v, std::initializer_list<std::pair<const char*, E>> names,
              const char* sentence, const char* provenance) {
    const std::vector<std::pair<const char*, E>> table(names);
    std::vector<const char*> texts;
    std::size_t index = table.size();
    for (const auto& [text, value] : table) {
      if (value == v) {
        index = texts.size();
      }
      texts.push_back(text);
    }
    if (index == table.size()) {
      throw std::logic_error(std::string(name) +
                             " holds a value that its description does not name");
    }
    choose(name, index, texts, sentence, provenance);
    v = table[index].second;
  }

  /// A nested struct with its own `void describe(visitor&)`.
  template <class S>
  void group(const char* name, S& s, const char* sentence) {
    begin_group(name, sentence);
    s.describe(*this);
    end_group();
  }

  /// A group that stands in results only when it is `present`: what they say of the others stays
  /// as it was.
  template <class S>
  void group_if(bool present, const char* name, S& s, const char* sentence) {
    begin_group(name, sentence);
    s.describe(*this);
    if (!present) note_absent();
    end_group();
  }

  /// An array of such structs. A list given in a document replaces the default one whole.
  template <class S>
  void list(const char* name, std::vector<S>& v, count_range count, const char* sentence) {
    list(name, v, count, sentence, S{});
  }

  /// The same where elements begin as copies of `like`, which holds what the document says of it
  /// when it stands before the list.
  template <class S>
  void list(const char* name, std::vector<S>& v, count_range count, const char* sentence,
            const S& like) {
    if (const auto given = begin_list(name, v.size(), count, sentence)) v.assign(*given, like);
    for (std::size_t i = 0; i < v.size(); ++i) {
      begin_element(i);
      v[i].describe(*this);
      end_element();
    }
    if (begin_prototype()) {
      S prototype = like;
      prototype.describe(*this);
      end_prototype();
    }
    end_list();
  }

  /// A relation between fields that must hold; checked once all fields of this struct were read
  /// well. `field` is the one to point at ("ways", "tlb.ways", "devices.2.port"), `message` says
  /// what is wrong when it does not hold.
  virtual void rule(bool holds, const char* field, const std::string& message) = 0;

 protected:
  virtual void choose(const char* name, std::size_t& index, const std::vector<const char*>& names,
                      const char* sentence, const char* provenance) = 0;
  virtual void begin_group(const char* name, const char* sentence) = 0;
  virtual void end_group() = 0;
  /// The open group is not to stand in results.
  virtual void note_absent() {}
  /// The number of elements that replace the `size` present ones; empty keeps those.
  virtual std::optional<std::size_t> begin_list(const char* name, std::size_t size,
                                                count_range count, const char* sentence) = 0;
  virtual void begin_element(std::size_t index) = 0;
  virtual void end_element() = 0;
  /// True when the visitor wants to see a default element besides those present.
  virtual bool begin_prototype() { return false; }
  virtual void end_prototype() {}
  virtual void end_list() = 0;
};

}  // namespace svasim::describe
