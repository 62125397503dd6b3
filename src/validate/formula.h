// What a point shows, from the figures of its simulation and of other points:
//   read_mean / 1000
//   'remote'.read_mean / 1000 - 'local'.read_mean / 1000
//
//   sum     = product { ("+" | "-") product }
//   product = primary { ("*" | "/") primary }
//   primary = NUMBER | FIGURE | "'" POINT "'." FIGURE | "(" sum ")"
//
// A figure is a name or a dotted path. Leaves out: anything else.
#pragma once

#include <functional>
#include <stdexcept>
#include <string>
#include <vector>

namespace svasim::validate {

class bad_formula : public std::runtime_error {
  using std::runtime_error::runtime_error;
};

class formula {
 public:
  /// Throws bad_formula, also for more than 1024 characters and parentheses deeper than 32.
  explicit formula(const std::string& text);

  /// `point` is empty for the own one. Throws what `value` throws.
  using lookup = std::function<double(const std::string& point, const std::string& figure)>;
  double value(const lookup& of) const;

  /// The other points that it speaks of.
  std::vector<std::string> points() const { return m_points; }

 private:
  struct step {     // reverse Polish
    char what = 0;  // '+', '-', '*', '/', '0' for a number, 'f' for a figure
    double number = 0;
    std::string point, figure;
  };
  class parser;

  std::vector<step> m_steps;
  std::vector<std::string> m_points;
};

}  // namespace svasim::validate
