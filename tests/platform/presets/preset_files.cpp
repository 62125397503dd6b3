#include "preset_files.h"

#include <algorithm>
#include <filesystem>
#include <stdexcept>

namespace svasim::platforms::test {
namespace {

const std::string folder = SVASIM_SOURCE_DIR "/platforms";

std::vector<std::string> json_files(const std::string& in) {
  std::vector<std::string> out;
  for (const auto& entry : std::filesystem::directory_iterator(in)) {
    if (entry.path().extension() == ".json") out.push_back(entry.path().string());
  }
  if (out.empty()) throw std::runtime_error("no JSON files in " + in);
  std::sort(out.begin(), out.end());
  return out;
}

}  // namespace

std::vector<std::string> presets() {
  return json_files(folder);
}

std::vector<std::string> parts() {
  return json_files(folder + "/parts");
}

std::string preset(const std::string& name) {
  return folder + "/" + name + ".json";
}

}  // namespace svasim::platforms::test
