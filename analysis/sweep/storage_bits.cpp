#include "analysis/sweep/storage_bits.h"

#include <algorithm>

namespace svasim::sweep {
namespace {

using nlohmann::json;

constexpr std::uint64_t page_tag = 36, output = 36;
constexpr std::uint64_t stream_tag = 16, substream_tag = 20, asid_tag = 16, vmid_tag = 16;
constexpr std::uint64_t permissions = 4, memory_type = 10, leaf_size = 3, valid = 1;
constexpr std::uint64_t table_permissions = 5, merged_configuration = 256;

// Bits that tell `n` things apart.
std::uint64_t bits_for(std::uint64_t n) {
  std::uint64_t bits = 0;
  while (bits < 63 && (std::uint64_t{1} << bits) < n) ++bits;
  return bits;
}

// What of a tag is left when the set tells its lowest bits; sets need not be a power of two.
std::uint64_t without_index(std::uint64_t tag, std::uint64_t sets) {
  const std::uint64_t index = bits_for(sets + 1) - 1;  // log2, rounded down
  return tag - std::min(tag, index);
}

bool contains(const std::string& path, const char* part) {
  return path.find(part) != std::string::npos;
}

std::uint64_t walk_cache_bits(const std::string& path, std::uint64_t sets) {
  const std::size_t level_at = path.rfind("_l");
  const char digit = level_at + 2 < path.size() ? path[level_at + 2] : '2';
  const std::uint64_t level =
      digit >= '0' && digit <= '3' ? static_cast<std::uint64_t>(digit - '0') : 2;
  const std::uint64_t owner = contains(path, ".s2_") ? vmid_tag : asid_tag + vmid_tag;
  return without_index(9 * (level + 1), sets) + owner + output + table_permissions + valid;
}

std::uint64_t entry_bits(const std::string& path, std::uint64_t sets, bool by_asid) {
  if (contains(path, "walk_cache")) return walk_cache_bits(path, sets);
  if (contains(path, "configuration_cache")) {
    return without_index(stream_tag + substream_tag, sets) + merged_configuration + valid;
  }
  std::uint64_t owner = by_asid ? asid_tag + vmid_tag : stream_tag + substream_tag;
  if (path.rfind("device", 0) == 0) owner = substream_tag;
  return without_index(page_tag, sets) + owner + output + permissions + memory_type + leaf_size +
         valid;
}

std::uint64_t replacement_bits(const std::string& policy, std::uint64_t ways, std::uint64_t sets) {
  if (policy == "lru") return sets * ways * bits_for(ways);
  if (policy == "tree_plru") return sets * (ways - 1);
  if (policy == "srrip") return sets * ways * 2;
  if (policy == "round_robin") return sets * bits_for(ways);
  if (policy == "shared_round_robin") return bits_for(ways);
  return 0;
}

bool is_structure(const json& v) {
  const auto is = [&v](const char* key, bool (json::*kind)() const noexcept) {
    return v.contains(key) && (v.at(key).*kind)();
  };
  return is("entries", &json::is_number_unsigned) && is("ways", &json::is_number_unsigned) &&
         is("policy", &json::is_string);
}

void collect(const json& v, const std::string& path, bool by_asid, std::vector<storage>& out) {
  if (v.is_object() && is_structure(v)) {
    const std::uint64_t entries = v.at("entries").get<std::uint64_t>();
    const std::uint64_t ways = v.at("ways").get<std::uint64_t>();
    if (entries == 0 || ways == 0) return;
    const std::uint64_t sets = std::max<std::uint64_t>(1, entries / ways);
    out.push_back({path, entries, ways, entry_bits(path, sets, by_asid),
                   replacement_bits(v.at("policy").get<std::string>(), ways, sets)});
    return;
  }
  if (!v.is_structured()) return;
  for (const auto& [key, member] : v.items()) {
    collect(member, path.empty() ? key : path + "." + key, by_asid, out);
  }
}

// smmu.tbu.tag, which holds for the TLB of the TCU as well.
bool tagged_by_asid(const json& parameters) {
  const json::json_pointer tag("/smmu/tbu/tag");
  return parameters.contains(tag) && parameters.at(tag) == "asid";
}

}  // namespace

std::vector<storage> storage_of(const json& parameters) {
  std::vector<storage> out;
  collect(parameters, "", tagged_by_asid(parameters), out);
  return out;
}

std::uint64_t storage_bits(const json& parameters) {
  std::uint64_t sum = 0;
  for (const storage& s : storage_of(parameters)) sum += s.bits();
  return sum;
}

}  // namespace svasim::sweep
