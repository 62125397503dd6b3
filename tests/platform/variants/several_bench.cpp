#include "several_bench.h"

#include "describe/reader.h"

namespace svasim::test {

platforms::platform_params with_topology(char variant, const std::string& topology) {
  const std::string text = R"({"device": {"atc": {"page_requests": {"timeout": "2000us"}}},
  "topology": )" + topology +
                           "}";
  platforms::platform_params p;
  describe::read_into(describe::document::from_text(text, "test"), p);
  p.served = variant_of(variant);
  return p;
}

const char* const two_smmus = R"({
  "smmus": [{"name": "a"}, {"name": "b"}],
  "root_complexes": [
    {"name": "ra", "smmu": "a", "ports": [{"name": "pa"}]},
    {"name": "rb", "smmu": "b", "ports": [{"name": "pb"}]}],
  "devices": [
    {"name": "left", "upstream": "pa", "first_stream": 0, "last_stream": 15},
    {"name": "right", "upstream": "pb", "first_stream": 16, "last_stream": 31}]})";

}  // namespace svasim::test
