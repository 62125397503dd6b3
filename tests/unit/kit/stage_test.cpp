#include "tlm/kit/stage.h"

#include <catch2/catch.hpp>
#include <set>
#include <string>

using namespace svasim;
using kit::stage;
using kit::stage_group;

namespace {

// First and last stage of a group, and how many there are.
struct extent {
  std::size_t first = kit::stage_count, last = 0, members = 0;
};

extent extent_of(stage_group group) {
  extent e;
  for (std::size_t i = 0; i < kit::stage_count; ++i) {
    if (kit::about(static_cast<stage>(i)).group != group) continue;
    e.first = e.members == 0 ? i : e.first;
    e.last = i;
    ++e.members;
  }
  return e;
}

}  // namespace

TEST_CASE("every stage has a name and a label of its own and says what is waited for") {
  std::set<std::string> names, labels;
  for (std::size_t i = 0; i < kit::stage_count; ++i) {
    const kit::stage_info& s = kit::about(static_cast<stage>(i));
    REQUIRE(s.name != nullptr);
    REQUIRE(s.label != nullptr);
    REQUIRE(s.sentence != nullptr);
    CHECK(*s.sentence != '\0');
    CHECK(names.insert(s.name).second);
    CHECK(labels.insert(s.label).second);
    CHECK(std::string(s.name).find_first_not_of("abcdefghijklmnopqrstuvwxyz0123456789_") ==
          std::string::npos);
  }
}

TEST_CASE("the stages of translation, and those of memory, stand together") {
  for (const stage_group group : {stage_group::translation, stage_group::memory}) {
    const extent e = extent_of(group);
    CHECK(e.members == e.last - e.first + 1);
  }
  CHECK(extent_of(stage_group::translation).first == static_cast<std::size_t>(stage::atc_wait));
  CHECK(extent_of(stage_group::translation).last == static_cast<std::size_t>(stage::tbu_dti_down));
}

TEST_CASE("the link is met on the way up and on the way down, memory between") {
  const extent link = extent_of(stage_group::link);
  const extent translation = extent_of(stage_group::translation);
  const extent memory = extent_of(stage_group::memory);
  CHECK(link.first < translation.first);
  CHECK(translation.last < memory.first);
  CHECK(memory.last < link.last);
  CHECK(extent_of(stage_group::device).first == 0);
}

TEST_CASE("a descriptor read has the stage of its translation stage and level") {
  for (unsigned s = 1; s <= 2; ++s) {
    for (unsigned level = 0; level < 4; ++level) {
      const std::string expected = "walk_s" + std::to_string(s) + "_l" + std::to_string(level);
      CHECK(kit::about(kit::walk_stage(s, level)).name == expected);
    }
  }
}

TEST_CASE("the groups have the names of the result file") {
  CHECK(std::string(to_string(stage_group::device)) == "device");
  CHECK(std::string(to_string(stage_group::link)) == "link");
  CHECK(std::string(to_string(stage_group::translation)) == "translation");
  CHECK(std::string(to_string(stage_group::memory)) == "memory");
}
