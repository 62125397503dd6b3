// A params struct with every kind of field, for the tests of this folder.
#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <string>
#include <vector>

#include "base/units.h"
#include "describe/visitor.h"

namespace svasim::describe::test {

enum class policy { lru, plru, random };

struct tlb_params {
  std::uint32_t entries = 64;
  std::uint32_t ways = 4;
  policy replacement = policy::lru;
  base::duration latency = base::ns(4);
  void describe(visitor& v);
};

struct tbu_params {
  base::frequency clock = base::mhz(1000);
  tlb_params main_tlb;
  void describe(visitor& v);
};

struct device_params {
  std::string name = "nic";
  std::uint64_t seed = 1;
  base::byte_rate link = base::gigabytes_per_s(16);
  base::byte_size payload = base::bytes(256);
  void describe(visitor& v);
};

struct sample_params {
  bool checked = false;
  std::uint64_t budget = 10;
  tbu_params tbu;
  std::vector<device_params> devices;
  void describe(visitor& v);
};

bool operator==(const sample_params& a, const sample_params& b);

/// The text of the input_error that `f` throws; "no error" when it throws none.
std::string error_of(const std::function<void()>& f);

/// A directory of its own, removed with everything in it at the end.
class scratch_directory {
 public:
  scratch_directory();
  scratch_directory(const scratch_directory&) = delete;
  scratch_directory& operator=(const scratch_directory&) = delete;
  ~scratch_directory();
  /// Writes a file (and the folders on the way) and returns its path.
  std::string write(const std::string& name, const std::string& content) const;
  std::string path(const std::string& name) const { return (m_root / name).string(); }
  /// `text` without the directory's own path in it.
  std::string relative(std::string text) const;

 private:
  std::filesystem::path m_root;
};

}  // namespace svasim::describe::test
