#include "app/point_model.h"

#include <fmt/format.h>

#include <optional>

#include "app/first_touch.h"
#include "app/version.h"
#include "base/error.h"
#include "describe/effective.h"
#include "describe/reader.h"
#include "platforms/platform.h"
#include "platforms/run_result.h"
#include "workloads/generator.h"

namespace svasim::app {
namespace {

constexpr const char* workload_prefix = "workload.";

bool is_workload(const std::string& path) {
  return path.rfind(workload_prefix, 0) == 0;
}

// `d` with those of `s` that belong to it.
describe::document with_settings(describe::document d, const point_model::settings& s,
                                 bool of_workload) {
  const std::size_t cut = of_workload ? std::string(workload_prefix).size() : 0;
  for (const auto& [path, v] : s) {
    if (is_workload(path) != of_workload) continue;
    describe::apply_override(d, sweep::assignment(path.substr(cut), v));
  }
  return d;
}

workloads::generator_params workload_of(const describe::document& d) {
  workloads::generator_params out;
  describe::read_into(d, out);
  return out;
}

}  // namespace

// A trace in memory, so that each run need not decode it; those too long for that are read again.
struct point_model::recording {
  static constexpr std::size_t most_records = std::size_t{2} << 20;

  trace::summary about;
  std::vector<trace::record> records;
  bool complete = true;

  explicit recording(const std::string& file) {
    const auto from = load_source(file, "");
    about = from->about();
    trace::record r;
    while (from->next(r)) {
      if (records.size() == most_records) {
        complete = false;
        records = {};
        return;
      }
      records.push_back(r);
    }
  }
};

namespace {

template <class Recording>
class replayed final : public trace::source {
 public:
  explicit replayed(std::shared_ptr<const Recording> of) : m_of(std::move(of)) {}
  bool next(trace::record& out) override {
    if (m_at == m_of->records.size()) return false;
    out = m_of->records[m_at++];
    return true;
  }
  const trace::summary& about() const override { return m_of->about; }

 private:
  std::shared_ptr<const Recording> m_of;
  std::size_t m_at = 0;
};

}  // namespace

point_model::point_model(const std::string& platform, const std::string& workload,
                         const std::string& trace)
    : m_platform_file(platform),
      m_platform_name(base_name(platform)),
      m_trace_file(trace),
      m_input_name(base_name(trace.empty() ? workload : trace)),
      m_platform(describe::document::from_file(platform)) {
  m_parameters.add(describe::parameters(load({}).params), "");
  if (trace.empty()) {
    m_workload = std::make_unique<describe::document>(describe::document::from_file(workload));
    m_parameters.add(describe::parameters(workload_of(*m_workload)), workload_prefix);
  } else {
    m_records = std::make_shared<recording>(trace);
  }
}

loaded_platform point_model::load(const settings& s) const {
  return load_platform(with_settings(m_platform, s, false), m_platform_file);
}

std::unique_ptr<trace::source> point_model::source(const settings& s) const {
  if (!m_records) {
    return std::make_unique<workloads::generator>(workload_of(with_settings(*m_workload, s, true)));
  }
  if (!m_records->complete) return load_source(m_trace_file, "");
  return std::make_unique<replayed<recording>>(m_records);
}

bool point_model::is_request_log() const {
  return m_records && app::has_requests(m_records->about);
}

std::string point_model::identity(const settings& s) const {
  const loaded_platform p = load(s);
  const nlohmann::json out = {
      {"svasim", version},
      {"platform", describe::effective(p.params)},
      {"provenance", p.provenance},
      {"input", m_input_name},
      {"digest", m_records ? m_records->about.digest
                           : describe::effective(workload_of(with_settings(*m_workload, s, true)))
                                 .dump(-1, ' ', false, nlohmann::json::error_handler_t::replace)}};
  return out.dump(-1, ' ', false, nlohmann::json::error_handler_t::replace);
}

nlohmann::json point_model::effective(const settings& s) const {
  return describe::effective(load(s).params);
}

std::string point_model::result_text(const settings& s) const {
  try {
    return simulate(s);
  } catch (const base::input_error& e) {  // what the model says against the input names its file
    std::vector<base::problem> problems = e.problems();
    for (base::problem& p : problems) {
      if (p.file.empty()) p.file = m_input_name;
    }
    throw base::input_error(std::move(problems));
  }
}

std::string point_model::simulate(const settings& s) const {
  const loaded_platform loaded = load(s);
  const traced_input input{[&] { return source(s); }, {input_kind(), m_input_name}, ""};
  if (loaded.params.memory.first_touch) {
    return platforms::canonical_text(simulate_first_touch(loaded, input, false).result);
  }
  const auto from = source(s);
  if (has_requests(from->about())) {
    return platforms::canonical_text(simulate_viommu_log(loaded, input, false).result);
  }
  std::optional<platforms::platform> model;
  model.emplace(loaded.params, *from, platforms::platform_options{});
  model->run();
  const std::string mismatch = platforms::mismatches(*model);
  if (!mismatch.empty()) throw std::runtime_error(mismatch);
  return platforms::canonical_text(platforms::run_result(
      *model, from->about(), {input_kind(), m_input_name}, loaded.provenance));
}

}  // namespace svasim::app
