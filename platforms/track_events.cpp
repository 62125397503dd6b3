#include "platforms/track_events.h"

namespace svasim::platforms {
namespace {

// Field numbers of the messages.
namespace trace {
constexpr std::uint32_t packet = 1;
}
namespace trace_packet {
constexpr std::uint32_t timestamp = 8, sequence_id = 10, track_event = 11, track_descriptor = 60;
}
namespace track_descriptor {
constexpr std::uint32_t uuid = 1, name = 2, parent_uuid = 5, counter = 8, child_ordering = 11,
                        sibling_order_rank = 12;
constexpr std::uint64_t explicit_order = 3;
}  // namespace track_descriptor
namespace track_event {
constexpr std::uint32_t debug_annotations = 4, type = 9, track_uuid = 11, name = 23,
                        counter_value = 30, flow_ids = 47, terminating_flow_ids = 48;
constexpr std::uint64_t slice_begin = 1, slice_end = 2, counter = 4;
}  // namespace track_event
namespace debug_annotation {
constexpr std::uint32_t uint_value = 3, string_value = 6, name = 10;
}

enum wire : std::uint32_t { varint = 0, fixed64 = 1, bytes = 2 };

void put_varint(std::string& out, std::uint64_t v) {
  for (; v >= 0x80; v >>= 7) out += static_cast<char>(v | 0x80);
  out += static_cast<char>(v);
}
void put_key(std::string& out, std::uint32_t field, wire kind) {
  put_varint(out, std::uint64_t{field} << 3 | kind);
}
void put_number(std::string& out, std::uint32_t field, std::uint64_t v) {
  put_key(out, field, varint);
  put_varint(out, v);
}
void put_fixed64(std::string& out, std::uint32_t field, std::uint64_t v) {
  put_key(out, field, fixed64);
  for (unsigned i = 0; i < 64; i += 8) out += static_cast<char>(v >> i);
}
void put_bytes(std::string& out, std::uint32_t field, std::string_view content) {
  put_key(out, field, bytes);
  put_varint(out, content.size());
  out += content;
}

}  // namespace

void track_events::packet(std::uint64_t at_ns, std::uint32_t field, const std::string& content) {
  std::string body;
  if (field == trace_packet::track_event) put_number(body, trace_packet::timestamp, at_ns);
  put_number(body, trace_packet::sequence_id, 1);
  put_bytes(body, field, content);
  std::string out;
  put_bytes(out, trace::packet, body);
  m_out(out);
}

void track_events::add(const track& t) {
  std::string d;
  put_number(d, track_descriptor::uuid, t.uuid);
  put_bytes(d, track_descriptor::name, t.name);
  if (t.parent != 0) put_number(d, track_descriptor::parent_uuid, t.parent);
  if (t.counter) put_bytes(d, track_descriptor::counter, {});
  if (t.orders_by_rank) {
    put_number(d, track_descriptor::child_ordering, track_descriptor::explicit_order);
  }
  put_number(d, track_descriptor::sibling_order_rank, static_cast<std::uint64_t>(t.rank));
  packet(0, trace_packet::track_descriptor, d);
}

void track_events::add(const slice& s, const std::vector<annotation>& annotations) {
  std::string begin;
  for (const annotation& a : annotations) {
    std::string one;
    put_bytes(one, debug_annotation::name, a.name);
    if (a.text.empty()) {
      put_number(one, debug_annotation::uint_value, a.number);
    } else {
      put_bytes(one, debug_annotation::string_value, a.text);
    }
    put_bytes(begin, track_event::debug_annotations, one);
  }
  put_number(begin, track_event::type, track_event::slice_begin);
  put_number(begin, track_event::track_uuid, s.track);
  put_bytes(begin, track_event::name, s.name);
  if (s.flow != 0) {
    put_fixed64(begin, s.ends_flow ? track_event::terminating_flow_ids : track_event::flow_ids,
                s.flow);
  }
  packet(s.begin_ns, trace_packet::track_event, begin);
  std::string end;
  put_number(end, track_event::type, track_event::slice_end);
  put_number(end, track_event::track_uuid, s.track);
  packet(s.end_ns, trace_packet::track_event, end);
}

void track_events::count(std::uint64_t counter, std::uint64_t at_ns, std::uint64_t value) {
  std::string event;
  put_number(event, track_event::type, track_event::counter);
  put_number(event, track_event::track_uuid, counter);
  put_number(event, track_event::counter_value, value);
  packet(at_ns, trace_packet::track_event, event);
}

}  // namespace svasim::platforms
