// Perfetto's TrackEvent format, as far as timelines need it: tracks, slices with flows and
// annotations, counters (google/perfetto, protos/perfetto/trace/track_event/*.proto). Encoded by
// hand, as the messages are few. Times are in ns, which is what Perfetto shows.
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

namespace svasim::platforms {

class track_events {
 public:
  /// Takes the encoded packets, in order; what it throws comes out of the call that wrote.
  using sink = std::function<void(std::string_view)>;
  explicit track_events(sink out) : m_out(std::move(out)) {}

  struct track {
    std::uint64_t uuid = 0;  ///< above 0, different for each track
    std::uint64_t parent = 0;
    std::string name;
    std::int64_t rank = 0;        ///< order among the parent's children
    bool counter = false;         ///< takes values instead of slices
    bool orders_by_rank = false;  ///< of its own children
  };
  void add(const track& t);

  /// A number or text shown with a slice.
  struct annotation {
    const char* name = "";
    std::uint64_t number = 0;
    std::string text;  ///< shown instead of the number where not empty
  };
  struct slice {
    std::uint64_t track = 0;
    std::uint64_t begin_ns = 0, end_ns = 0;
    std::string_view name;
    std::uint64_t flow = 0;  ///< slices of one flow are joined by arrows, in order of time; 0: none
    bool ends_flow = false;
  };
  /// Slices of one track must follow each other, or nest.
  void add(const slice& s, const std::vector<annotation>& annotations);
  void count(std::uint64_t counter, std::uint64_t at_ns, std::uint64_t value);

 private:
  void packet(std::uint64_t at_ns, std::uint32_t field, const std::string& content);
  sink m_out;
};

}  // namespace svasim::platforms
