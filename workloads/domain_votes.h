// Which virtio-iommu domain each stream of a trace belongs to. An attach request says so; a log
// that begins later does not have it, and then a stream belongs to the domain of the mappings that
// its accesses went through. Memory is capped; beyond the cap only precision is lost. A stream that
// changes its domain counts for the one it was seen in most.
#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <vector>

#include "trace/record.h"

namespace svasim::workloads {

class domain_votes {
 public:
  /// A record of kind request.
  void add_request(const trace::record& r);
  /// One of kind access.
  void add_access(const trace::record& r);
  /// Fills in the domain of the streams that have none, where there was any request at all; `sid`
  /// is set in each. A stream without a vote gets the domain that requests name most.
  void decide(std::vector<trace::stream_tag>& streams) const;

 private:
  struct mapping {
    std::uint64_t last;
    std::uint64_t output;
  };
  using mappings = std::map<std::uint64_t, mapping>;     // by first address
  using votes = std::map<std::uint32_t, std::uint64_t>;  // by domain

  static std::optional<std::uint32_t> winner(const votes& v);
  static void vote(votes& v, std::uint32_t domain);
  void vote_for_stream(std::uint32_t sid, std::uint32_t domain);
  void map(const trace::record& r);
  void unmap(const trace::record& r);

  std::map<std::uint32_t, mappings> m_domains;
  std::size_t m_size = 0;  // of all mappings
  std::map<std::uint32_t, votes> m_streams;
  votes m_named;
};

}  // namespace svasim::workloads
