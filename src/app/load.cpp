#include "app/load.h"

#include <algorithm>
#include <filesystem>
#include <utility>

#include "base/error.h"
#include "describe/effective.h"
#include "describe/reader.h"
#include "workloads/generator.h"
#include "workloads/open_trace.h"
#include "workloads/single_accesses.h"
#include "workloads/virtio_iommu_log.h"

namespace svasim::app {
namespace {

// A result tells files as seen from the platform's folder: it must not depend on where that lies.
std::string seen_from_platform(const std::string& file, const std::string& platform) {
  namespace fs = std::filesystem;
  const fs::path folder = fs::path(platform).lexically_normal().parent_path();
  const fs::path path = fs::path(file).lexically_normal().lexically_relative(folder);
  return path.empty() ? base_name(file) : path.string();
}

std::unique_ptr<trace::source> load_trace(const std::string& file) {
  std::unique_ptr<trace::source> source = workloads::open_trace(file);
  const trace::summary& about = source->about();
  if (about.runs == about.accesses) return source;
  return std::make_unique<workloads::single_accesses>(std::move(source));
}

// What the document says at a dotted path; null when nothing.
const describe::json_value* given_at(const describe::json_value& root, const std::string& path) {
  const describe::json_value* v = &root;
  for (std::size_t begin = 0; v != nullptr && begin <= path.size();) {
    const std::size_t end = std::min(path.find('.', begin), path.size());
    const std::string name = path.substr(begin, end - begin);
    begin = end + 1;
    if (v->is(describe::json_value::type::array)) {
      const std::size_t index = std::stoul(name);
      v = index < v->elements.size() ? &v->elements[index] : nullptr;
    } else {
      const describe::json_member* const m = v->find(name);
      v = m != nullptr ? &m->value : nullptr;
    }
  }
  return v;
}

// Elements of `topology` begin as copies: what they do not give comes from where the copied value
// does.
void trace_copies(const describe::document& document, loaded_platform& out) {
  for (auto& [path, provenance] : out.provenance) {
    std::string from = path;
    while (given_at(document.root(), from) == nullptr) {
      const std::string above = platforms::template_path(from);
      if (above.empty()) break;
      from = above;
    }
    if (from != path) provenance = out.provenance.at(from);
  }
}

}  // namespace

loaded_platform load_platform(const std::string& file, const std::vector<std::string>& sets) {
  describe::document document = describe::document::from_file(file);
  for (const std::string& s : sets) describe::apply_override(document, s);
  return load_platform(document, file);
}

loaded_platform load_platform(const describe::document& document, const std::string& file) {
  loaded_platform out;
  describe::read_into(document, out.params);
  out.provenance = describe::effective_provenance(out.params, document);
  if (!out.params.topology.empty()) trace_copies(document, out);
  for (const std::string& f : document.files()) {
    for (auto& [path, provenance] : out.provenance) {
      if (provenance == "set in " + f) provenance = "set in " + seen_from_platform(f, file);
    }
  }
  return out;
}

std::unique_ptr<trace::source> load_source(const std::string& trace, const std::string& workload) {
  if (trace.empty() == workload.empty()) {
    throw base::input_error("give exactly one of --trace FILE and --workload FILE");
  }
  if (!trace.empty()) return load_trace(trace);
  return std::make_unique<workloads::generator>(workloads::read_workload(workload));
}

bool has_requests(const trace::summary& about) {
  return about.requests != 0 || about.format == workloads::virtio_iommu_log::format;
}

void with_file_name(const std::string& file, const std::function<void()>& work) {
  try {
    work();
  } catch (const base::input_error& e) {
    std::vector<base::problem> problems = e.problems();
    for (base::problem& p : problems) {
      if (p.file.empty()) p.file = file;
    }
    throw base::input_error(std::move(problems));
  }
}

std::string base_name(const std::string& path) {
  return std::filesystem::path(path).filename().string();
}

}  // namespace svasim::app
