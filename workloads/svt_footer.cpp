#include "workloads/svt_footer.h"

#include "workloads/request_names.h"

namespace svasim::workloads::svt {
namespace {

// Varints of the footer, each checked against its end.
class footer_fields {
 public:
  explicit footer_fields(const std::vector<unsigned char>& bytes) : m_bytes(bytes) {}
  std::uint64_t varint() {
    std::uint64_t v = 0;
    for (unsigned shift = 0; shift < 64 && m_at < m_bytes.size(); shift += 7) {
      const std::uint64_t byte = m_bytes[m_at++];
      v |= (byte & 0x7f) << shift;
      if (byte < 0x80) return v;
    }
    m_good = false;
    return 0;
  }
  std::uint64_t varint(std::uint64_t max) {
    const std::uint64_t v = varint();
    m_good = m_good && v <= max;
    return m_good ? v : 0;
  }
  /// A count of things that take `least` bytes or more each.
  std::uint64_t count(std::uint64_t least) { return varint((m_bytes.size() - m_at) / least); }
  bool good() const { return m_good; }
  bool at_end() const { return m_at == m_bytes.size(); }

 private:
  const std::vector<unsigned char>& m_bytes;
  std::size_t m_at = 0;
  bool m_good = true;
};

void read_counts(footer_fields& f, trace::summary& s) {
  for (std::uint64_t* v : {&s.runs, &s.commands, &s.events, &s.leaves, &s.incomplete_commands,
                           &s.untranslated, &s.clock_steps_back}) {
    *v = f.varint();
  }
  s.lines = s.runs + s.commands + s.events + s.leaves;
  s.length = base::ps(f.varint());
  s.granule_shift = static_cast<std::uint8_t>(f.varint(16));
  s.page_size = base::byte_size(f.varint());
  s.lazy = f.varint(1) != 0;
  for (std::uint64_t n = f.count(2); n > 0; --n) {
    const auto opcode = static_cast<std::uint8_t>(f.varint(0xff));
    s.commands_by_opcode[opcode] = f.varint();
  }
  for (std::uint64_t n = f.count(4); n > 0 && f.good(); --n) {
    trace::stream_tag tag;
    tag.sid = base::stream_id(static_cast<std::uint32_t>(f.varint(0xffffffff)));
    tag.asid = base::asid(static_cast<std::uint16_t>(f.varint(0xffff)));
    tag.vmid = base::vmid(static_cast<std::uint16_t>(f.varint(0xffff)));
    tag.accesses = f.varint();
    s.streams.push_back(tag);
  }
}

// What stands behind the index.
void read_runs_and_requests(footer_fields& f, trace::summary& s) {
  s.accesses = f.varint();
  for (const auto& [name, type] : request_names) {
    const std::uint64_t n = f.varint();
    if (n == 0) continue;
    s.requests_by_type[type] = n;
    s.requests += n;
  }
  s.lines += s.requests;
  for (trace::stream_tag& t : s.streams) {
    const std::uint64_t domain = f.varint(std::uint64_t{1} << 32);
    t.has_domain = domain != 0;
    t.domain = static_cast<std::uint32_t>(domain - (t.has_domain ? 1 : 0));
  }
}

}  // namespace

bool read_footer(const std::vector<unsigned char>& bytes, trace::summary& s,
                 std::vector<index_entry>& index) {
  footer_fields f(bytes);
  read_counts(f, s);
  for (std::uint64_t n = f.count(3); n > 0; --n) {
    const std::uint64_t at = f.varint();
    const std::uint64_t records = f.varint();
    index.push_back({at, records, base::ps(f.varint())});
  }
  read_runs_and_requests(f, s);
  return f.good() && f.at_end();
}

}  // namespace svasim::workloads::svt
