// Where the values of the presets come from.
#include <catch2/catch.hpp>
#include <fstream>
#include <nlohmann/json.hpp>
#include <regex>
#include <set>

#include "describe/effective.h"
#include "preset_files.h"

namespace svasim::platforms::test {
namespace {

using nlohmann::json;

bool starts_with_tag(const std::string& source) {
  static const std::regex tag("[MTDA]: .*");
  return std::regex_match(source, tag);
}

// True when more is left than a tag and the numbers of sections: a reader elsewhere has only that.
bool names_a_source(const std::string& source) {
  static const std::regex sections("\\(measurements [0-9., ]+\\)");
  const std::string left = std::regex_replace(source, sections, "");
  return starts_with_tag(source) && left.size() >= 12;
}

bool is_label(const std::string& key) {
  static const std::set<std::string> labels{"$schema", "$comment", "$include", "name",
                                            "description"};
  return labels.count(key) != 0;
}

// The dotted paths of all values that do not say where they come from.
void find_unsourced(const json& v, const std::string& path, std::vector<std::string>& out) {
  if (v.is_array() && !v.empty() && v.front().is_object()) {
    for (std::size_t i = 0; i < v.size(); ++i) {
      find_unsourced(v[i], path + "." + std::to_string(i), out);
    }
    return;
  }
  if (!v.is_object()) {
    out.push_back(path);
    return;
  }
  if (v.contains("value")) {
    const auto source = v.find("source");
    const bool good = source != v.end() && source->is_string() &&
                      names_a_source(source->get<std::string>()) &&
                      v.size() == (v.contains("range") ? 3 : 2);
    if (!good) out.push_back(path);
    return;
  }
  for (const auto& [key, member] : v.items()) {
    if (is_label(key)) continue;
    find_unsourced(member, path.empty() ? key : path + "." + key, out);
  }
}

std::vector<std::string> unsourced(const json& v) {
  std::vector<std::string> out;
  find_unsourced(v, "", out);
  return out;
}

TEST_CASE("the search for values without source finds each kind of them") {
  const json v = json::parse(R"json({
    "name": "x", "$include": ["y.json"],
    "plain": 4, "unit": {"deep": "4ns"}, "flag": true, "list": [1],
    "elements": [{"good": {"value": 1, "source": "A: assumed by all"}}, {"bad": 2}],
    "no_tag": {"value": 1, "source": "measured somewhere"},
    "bad_tag": {"value": 1, "source": "S: a secondary source"},
    "sections_only": {"value": 1, "source": "M: (measurements 4.1, 6)"},
    "no_source": {"value": 1},
    "good": {"value": 1, "source": "M: pcie-bench (measurements 1.2)"}
  })json");
  CHECK(unsourced(v) == std::vector<std::string>{"bad_tag", "elements.1.bad", "flag", "list",
                                                 "no_source", "no_tag", "plain", "sections_only",
                                                 "unit.deep"});
}

TEST_CASE("every value in a preset or part says where it comes from") {
  std::vector<std::string> files = presets();
  for (const std::string& part : parts()) files.push_back(part);
  for (const std::string& file : files) {
    INFO(file);
    std::ifstream in(file);
    CHECK(unsourced(json::parse(in)) == std::vector<std::string>{});
  }
}

TEST_CASE("every parameter of a preset has a trust tag, defaults included") {
  for (const std::string& file : presets()) {
    const describe::document d = describe::document::from_file(file);
    platform_params p;
    describe::read_into(d, p);
    for (const auto& [path, source] : describe::effective_provenance(p, d)) {
      if (path == "name" || path == "description") continue;
      INFO(file << ": " << path << ": " << source);
      CHECK(starts_with_tag(source));
    }
  }
}

TEST_CASE("a preset is named as its file") {
  for (const std::string& file : presets()) {
    const auto p = read_file<platform_params>(file);
    CHECK(preset(p.name) == file);
    CHECK(!p.description.empty());
  }
}

TEST_CASE("every part is read by the group that it is for") {
  for (const std::string& file : parts()) {
    INFO(file);
    const std::string name = file.substr(file.rfind('/') + 1);
    const std::string kind = name.substr(0, name.find('-'));
    if (kind == "pcie") {
      CHECK_NOTHROW(read_file<pcie_params>(file));
    } else if (kind == "smmu") {
      CHECK_NOTHROW(read_file<smmu::smmu_params>(file));
    } else if (kind == "memory") {
      CHECK_NOTHROW(read_file<memory_params>(file));
    } else if (kind == "cpu") {
      CHECK_NOTHROW(read_file<platform_params>(file));  // cpu, gic and vm
    } else if (kind == "software") {
      CHECK_NOTHROW(read_file<software_params>(file));
    } else {
      FAIL("no group takes parts called " << kind);
    }
  }
}

}  // namespace
}  // namespace svasim::platforms::test
