// A workload described in JSON: what devices do, how they take turns, and when.
#pragma once

#include <cstdint>
#include <string>

#include "base/units.h"
#include "describe/visitor.h"

namespace svasim::workloads {

enum class access_pattern : std::uint8_t {
  sequential,     ///< one length after the other, round the footprint
  strided,        ///< one stride after the other, round the footprint
  random,         ///< uniform over the footprint
  hot_cold,       ///< uniform over the footprint, or, with cold_ppm, over the cold one behind it
  zipf,           ///< pages of the footprint by their rank r with weight 1 / r^s, in mixed order
  pointer_chase,  ///< every place of the footprint once a round, in an order without pattern
  first_touch,    ///< page after page of the footprint, none of them mapped before
  unmap_storm,    ///< page after page, each unmapped and invalidated after use
  nic_rings,      ///< packets through a receive and a transmit ring (nic_ring.h)
  nvme_queues,    ///< commands through NVMe queue pairs (nvme_queue_pair.h)
};

enum class mapping_size : std::uint8_t { page_4k, block_2m, block_1g };

/// How streams take turns.
enum class interleave : std::uint8_t { round_robin, random, bursty };

/// Times between the steps of an open loop.
enum class arrival : std::uint8_t { even, poisson };

struct generator_params {
  access_pattern pattern = access_pattern::random;
  std::uint64_t accesses = 1000000;  ///< of all streams together
  base::byte_size length = base::bytes(64);
  base::byte_size footprint = base::mib(64);
  base::byte_size stride = base::kib(4);
  base::byte_size cold_footprint = base::gib(1);
  std::uint32_t cold_ppm = 10000;
  std::uint32_t zipf_percent = 99;
  std::uint32_t touches = 1;
  std::uint32_t unmap_pages = 1;
  base::byte_size transfer = base::kib(4);
  std::uint32_t queues = 1;
  std::uint32_t queue_entries = 1024;
  std::uint32_t queue_depth = 32;
  std::uint32_t write_ppm = 0;
  mapping_size mapping = mapping_size::page_4k;
  base::byte_size address = base::gib(4);
  base::byte_size output = base::gib(256);
  std::uint32_t streams = 1;
  std::uint32_t first_stream = 8;
  std::uint32_t first_asid = 1;
  interleave turns = interleave::round_robin;
  std::uint32_t burst = 16;
  base::duration interval;
  arrival arrivals = arrival::even;
  std::uint64_t seed = 1;

  void describe(describe::visitor& v);
  base::byte_size page_size() const;
  /// What a stream maps, in whole pages: the footprint, and the cold one behind it; or the rings,
  /// queues and buffers of a device.
  base::byte_size region_size() const;
  /// Whether all of it is mapped before the first access.
  bool mapped_up_front() const {
    return pattern != access_pattern::first_touch && pattern != access_pattern::unmap_storm;
  }
  /// One access after the other without looking: what the summary says is known without trying.
  bool is_simple() const {
    return pattern <= access_pattern::hot_cold && turns == interleave::round_robin &&
           arrivals == arrival::even;
  }
};

/// Throws base::input_error with every problem of the file.
generator_params read_workload(const std::string& path);

}  // namespace svasim::workloads
