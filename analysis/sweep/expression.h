// The language of constraints: a condition over parameters, as in
//   smmu.tbu.utlb.entries <= smmu.tbu.main_tlb.entries
//   (smmu.tbu.main_tlb.entries * 4KiB >= workload.footprint / 2) or smmu.tbu.main_tlb.policy ==
//   "lru"
//
//   condition  = conjunction { "or" conjunction }
//   conjunction = negation { "and" negation }
//   negation   = "not" negation | comparison
//   comparison = sum [ ("<" | "<=" | ">" | ">=" | "==" | "!=") sum ]
//   sum        = product { ("+" | "-") product }
//   product    = primary { ("*" | "/" | "%") primary }
//   primary    = NUMBER | QUANTITY | "TEXT" | true | false | PATH | "(" condition ")"
//
// Arithmetic is on whole numbers of 128 bits; division rounds down. Kinds must fit: a time is not
// compared with a size, a count times a size is a size, a size by a size is a count. Leaves out:
// functions, texts other than for == and !=.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "analysis/sweep/parameter.h"

namespace svasim::sweep {

/// What is wrong in an expression, and where: `offset` counts bytes from its beginning.
class bad_expression : public std::runtime_error {
 public:
  bad_expression(std::size_t offset, const std::string& message)
      : std::runtime_error(message), m_offset(offset) {}
  std::size_t offset() const { return m_offset; }

 private:
  std::size_t m_offset;
};

class expression {
 public:
  /// Parses a condition and checks its kinds. Throws bad_expression, also for more than 4096
  /// characters and parentheses deeper than 64.
  expression(const std::string& text, const parameter_table& parameters);
  ~expression();
  expression(expression&&) noexcept;
  expression& operator=(expression&&) noexcept;

  using lookup = std::function<const value&(const std::string& path)>;
  /// Whether it holds. Throws bad_expression for a division by zero or a number beyond 128 bits.
  bool holds(const lookup& values) const;

  const std::string& text() const { return m_text; }
  /// The paths it reads, each once, in the order of their first use.
  const std::vector<std::string>& paths() const { return m_paths; }

  struct node;

 private:
  std::string m_text;
  std::vector<std::string> m_paths;
  std::unique_ptr<node> m_root;
};

}  // namespace svasim::sweep
