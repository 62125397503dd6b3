#include "app/first_touch.h"

#include "base/child_process.h"
#include "platforms/sva/sva_result.h"

namespace svasim::app {
namespace {

using nlohmann::json;

json reference(const loaded_platform& loaded, const traced_input& input,
               const platforms::sva_options& options) {
  return json::parse(base::in_child([&] {
    std::string text;
    with_file_name(input.file, [&] {
      const auto source = input.open();
      platforms::sva_platform p(loaded.params, *source, options);
      p.run();
      text = json{{"time_ps", p.finished_at().value()}}.dump();
    });
    return text;
  }));
}

}  // namespace

traced_outcome simulate_first_touch(const loaded_platform& loaded, const traced_input& input,
                                    bool check) {
  platforms::sva_options prefault, ideal, options;
  prefault.prefault = true;
  ideal.ideal = true;
  options.check = check;
  // Before this process has a simulation of its own.
  const json prefaulted_time = reference(loaded, input, prefault);
  const json ideal_time = reference(loaded, input, ideal);
  traced_outcome out;
  with_file_name(input.file, [&] {
    const auto source = input.open();
    platforms::sva_platform p(loaded.params, *source, options);
    if (input.watch) input.watch(p);
    p.run();
    out.result = platforms::first_touch_result(p, source->about(), input.name, loaded.provenance);
    out.requests = p.total(&device::dma_engine_stats::issued);
    out.checked = p.checked();
  });
  platforms::add_slowdown(out.result["sva"], prefaulted_time, ideal_time);
  return out;
}

traced_outcome simulate_viommu_log(const loaded_platform& loaded, const traced_input& input,
                                   bool check) {
  platforms::sva_options options;
  options.requests = true;
  options.check = check;
  traced_outcome out;
  with_file_name(input.file, [&] {
    const auto source = input.open();
    platforms::sva_platform p(loaded.params, *source, options);
    if (input.watch) input.watch(p);
    p.run();
    out.result = platforms::viommu_log_result(p, source->about(), input.name, loaded.provenance);
    out.requests = p.total(&device::dma_engine_stats::issued);
    out.checked = p.checked();
    out.mismatch = p.first_mismatch();
  });
  return out;
}

}  // namespace svasim::app
