// Builds a trace's summary from its records, in memory that does not grow with the trace: what it
// holds per stream and per page is capped, and a trace that names more streams than the cap is
// refused.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "trace/record.h"
#include "workloads/domain_votes.h"

namespace svasim::workloads {

class summary_builder {
 public:
  static constexpr std::size_t max_streams = 1 << 16;

  /// `file` is named in errors.
  explicit summary_builder(std::string file) : m_file(std::move(file)) {}

  /// Throws base::input_error when there are more than max_streams.
  void add(const trace::record& r);
  /// A leaf that is not part of the trace but tells the tag of the stream that uses it next.
  void hint(const trace::record& leaf);
  /// A tag that the file states; it wins over what the records suggest.
  void declare(const trace::stream_tag& t);
  void declare_granule(std::uint8_t shift) { m_declared_granule = shift; }
  /// The counts, streams, granule, length and laziness; what only the reader knows is left as it
  /// is.
  trace::summary finish() const;

 private:
  using tag = std::pair<base::asid, base::vmid>;
  using votes = std::map<tag, std::uint64_t>;
  struct stream {
    std::uint64_t accesses = 0;
    bool declared = false;
    std::optional<std::uint32_t> domain;  ///< as declared
    votes tags;
    /// Grows when the stream starts afresh: what was seen of it before no longer counts.
    std::uint64_t generation = 0;
  };
  struct seen_output {
    std::uint64_t page;
    std::uint64_t generation;
  };
  using page_key = std::pair<std::uint64_t, std::uint32_t>;  // page, StreamID

  void add_access(const trace::record& r);
  void add_command(const trace::record& r);
  void add_request(const trace::record& r);
  void watch_output(const trace::record& r, const stream& s);
  void forget_outputs(const trace::record& r);
  void forget_range(std::uint64_t first, std::uint64_t last);
  stream& stream_of(std::uint32_t sid);
  static void vote(votes& v, tag t);
  static tag winner(const votes& v);
  static tag take_fallback(votes& unclaimed, std::set<tag>& claimed, std::uint16_t& free);

  std::string m_file;
  trace::summary m_counts;
  std::map<std::uint32_t, stream> m_streams;
  std::pair<std::uint32_t, stream*> m_last_stream{0, nullptr};
  votes m_operand_tags;  // what invalidations name
  trace::record m_last_leaf;
  bool m_leaf_waits = false;
  std::uint8_t m_granule = 0;
  std::uint8_t m_declared_granule = 0;
  std::map<page_key, seen_output> m_outputs;
  domain_votes m_domains;
};

}  // namespace svasim::workloads
