#include "analysis/sweep/storage_bits.h"

#include <algorithm>

namespace svasim::sweep {
namespace {

using nlohmann::json;

constexpr std::uint64_t page_tag = 36, output = 36;
constexpr std::uint64_t stream_tag = 16, substream_tag = 20, asid_tag = 16, vmid_tag = 16;
constexpr std::uint64_t permissions = 4, memory_type = 10, leaf_size = 3, valid = 1;
constexpr std::uint64_t table_permissions = 5, merged_configuration = 256;

// Where a structure stands.
struct scope {
  bool by_asid = false;      // TLBs of the SMMU
  bool device = false;       // in a device
  std::uint64_t tbus = 1;    // of the SMMU
  std::uint64_t copies = 1;  // there are so many of it
};

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

std::uint64_t entry_bits(const std::string& path, std::uint64_t sets, const scope& in) {
  if (contains(path, "walk_cache")) return walk_cache_bits(path, sets);
  if (contains(path, "configuration_cache")) {
    return without_index(stream_tag + substream_tag, sets) + merged_configuration + valid;
  }
  std::uint64_t owner = in.by_asid ? asid_tag + vmid_tag : stream_tag + substream_tag;
  if (in.device) owner = substream_tag;
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

class collector {
 public:
  collector(const json& parameters, bool software)
      : m_parameters(parameters), m_software(software || is_set("/memory/first_touch")) {}

  std::vector<storage> all() {
    const json& topology = at(m_parameters, "topology");
    const json& smmus = at(topology, "smmus");
    const json& devices = at(topology, "devices");
    for (const auto& [key, member] : m_parameters.items()) {
      if (key == "topology" || key == "cpu") continue;  // cores are not what is designed here
      if (key == "smmu") {
        if (smmus.empty()) add_smmu(member, key, 1);
      } else if (key == "device") {
        if (devices.empty()) add_device(member, key);
      } else {
        add(member, key, {});
      }
    }
    for (std::size_t i = 0; i < smmus.size(); ++i) {
      add_smmu(at(smmus[i], "smmu"), "topology.smmus." + std::to_string(i) + ".smmu",
               smmus[i].value("tbus", std::uint64_t{1}));
    }
    for (std::size_t i = 0; i < devices.size(); ++i) {
      add_device(at(devices[i], "device"), "topology.devices." + std::to_string(i) + ".device");
    }
    return std::move(m_out);
  }

 private:
  // Null where there is none.
  static const json& at(const json& v, const char* key) {
    static const json none;
    const auto found = v.is_object() ? v.find(key) : v.end();
    return v.is_object() && found != v.end() ? *found : none;
  }

  bool is_set(const char* pointer) const {
    const json::json_pointer p(pointer);
    return m_parameters.contains(p) && m_parameters.at(p) == true;
  }

  void add_smmu(const json& smmu, const std::string& path, std::uint64_t tbus) {
    scope in;
    in.by_asid = at(at(smmu, "tbu"), "tag") == "asid";  // holds for the TLB of the TCU as well
    in.tbus = tbus;
    add(smmu, path, in);
  }

  // Software that serves faults has an ATC or none as its variant says, replay as the device does.
  void add_device(const json& device, const std::string& path) {
    scope in;
    in.device = true;
    const json& variant = at(m_parameters, "variant");
    const bool has_atc = m_software ? variant != "f" && variant != "g" : at(device, "ats") != false;
    if (!device.is_object()) return add(device, path, in);
    for (const auto& [key, member] : device.items()) {
      if (key != "atc" || has_atc) add(member, path + "." + key, in);
    }
  }

  void add(const json& v, const std::string& path, const scope& in) {
    if (v.is_object() && is_structure(v)) return add_structure(v, path, in);
    if (!v.is_structured()) return;
    const json& store = at(v, "store");  // of walk caches: one for all, or one for each
    for (const auto& [key, member] : v.items()) {
      if (store == (key == "shared" ? "separate" : "shared")) continue;
      scope inner = in;
      if (key == "tbu") inner.copies = in.tbus;
      add(member, path + "." + key, inner);
    }
  }

  void add_structure(const json& v, const std::string& path, const scope& in) {
    const std::uint64_t entries = v.at("entries").get<std::uint64_t>();
    const std::uint64_t ways = v.at("ways").get<std::uint64_t>();
    if (entries == 0 || ways == 0) return;
    const std::uint64_t sets = std::max<std::uint64_t>(1, entries / ways);
    m_out.push_back({path, entries, ways, entry_bits(path, sets, in),
                     replacement_bits(v.at("policy").get<std::string>(), ways, sets), in.copies});
  }

  const json& m_parameters;
  const bool m_software;
  std::vector<storage> m_out;
};

}  // namespace

std::vector<storage> storage_of(const json& parameters, bool software) {
  return collector(parameters, software).all();
}

std::uint64_t storage_bits(const json& parameters, bool software) {
  std::uint64_t sum = 0;
  for (const storage& s : storage_of(parameters, software)) sum += s.bits();
  return sum;
}

}  // namespace svasim::sweep
