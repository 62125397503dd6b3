// What can be simulated for a point: `run`, any platform with any workload, and benches, each a
// small assembly of modules with arguments of its own. An experiment gives figures by name; the
// point says which one it shows, and in which unit.
#pragma once

#include <functional>
#include <map>
#include <string>
#include <vector>

#include "describe/document.h"
#include "describe/effective.h"
#include "describe/reader.h"
#include "platforms/platform_params.h"
#include "validate/row.h"

namespace svasim::validate {

/// By name; times in ps unless the name has another unit.
using figures = std::map<std::string, double>;

/// What a simulation is made of; points that agree in all of it share one.
struct job {
  std::string experiment, platform, workload, trace;
  settings set, arguments;
  bool operator<(const job& o) const;
};

class experiment {
 public:
  virtual ~experiment() = default;
  explicit experiment(std::string sentence) : m_sentence(std::move(sentence)) {}
  const std::string& sentence() const { return m_sentence; }

  /// Throws base::input_error for settings or arguments that cannot be.
  virtual void check(const job& j) const = 0;
  /// Simulates, here and now: the only simulation of its process.
  virtual figures run(const job& j) const = 0;
  /// The arguments with the values of `j`, in order.
  virtual std::vector<describe::parameter_info> arguments(const job& j) const = 0;

 private:
  std::string m_sentence;
};

/// By name.
const std::map<std::string, const experiment*>& experiments();

/// The platform of a job with its settings, but those of "workload.". Throws base::input_error.
platforms::platform_params platform_of(const job& j);
constexpr const char* workload_prefix = "workload.";

/// Reads `s` by a description. Throws base::input_error "argument NAME=VALUE: message".
void read_arguments(const settings& s, const std::function<void(describe::visitor&)>& description);

/// `s` over the defaults of A. Throws base::input_error.
template <class A>
A arguments_of(const settings& s) {
  A out;
  read_arguments(s, [&out](describe::visitor& v) { out.describe(v); });
  return out;
}

/// A bench: a function of a platform and of arguments that are declared by describe().
template <class A>
class bench final : public experiment {
 public:
  using function = figures (*)(const platforms::platform_params&, const A&);
  bench(std::string sentence, function f) : experiment(std::move(sentence)), m_run(f) {}

  void check(const job& j) const override {
    if (!j.workload.empty() || !j.trace.empty()) {
      throw base::input_error(j.experiment + " takes no workload and no trace");
    }
    platform_of(j);
    arguments_of<A>(j.arguments);
  }
  figures run(const job& j) const override {
    return m_run(platform_of(j), arguments_of<A>(j.arguments));
  }
  std::vector<describe::parameter_info> arguments(const job& j) const override {
    return describe::parameters(arguments_of<A>(j.arguments));
  }

 private:
  function m_run;
};

}  // namespace svasim::validate
