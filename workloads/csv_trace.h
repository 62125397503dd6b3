// svasim's own trace as text (workloads/README.md has the format with examples): comma-separated,
// one record a line, the letter of the second column says which columns follow.
//
//   #svasim-trace v1
//   #stream,0x8,asid=1,vmid=0
//   #stream,0x10,asid=0,vmid=0,domain=1
//   #granule,12
//   0,A,0x8,,0xffffd000,64,R,0x4ce6f000,3    time ps, sid, ssid, address, length, R|W, output,
//                                            permission[, repeats]
//   1000,C,0x46,0x0                          the two 64-bit words of a command
//   2000,L,1,0,0x8fa00000,2,12               a leaf: asid, vmid, address, level, log2 of the
//   granule 3000,E,0x200,0x10                        a fault: sid, event number
//   4000,V,unmap,1,0xfffff000,0xffffffff     a virtio-iommu request: domain, and its operands
#pragma once

#include <string>
#include <vector>

#include "trace/record.h"
#include "workloads/line_reader.h"
#include "workloads/text_fields.h"

namespace svasim::workloads {

class csv_trace {
 public:
  static constexpr const char* format = "csv";
  static constexpr std::string_view magic = "#svasim-trace v";
  struct options {};
  csv_trace(const std::string& path, const options&, bool page_leaves);

  /// Throws base::input_error with line and column where a field is wrong, and where time steps
  /// back.
  bool next(trace::record& out);
  static bool is_hint(const trace::record&) { return false; }
  void complete(trace::summary& s) const {
    s.lines = m_lines.number();
    s.page_size = m_page_size;
  }
  const line_reader& lines() const { return m_lines; }

  /// From the #stream, #granule and #page_size lines; they stand before the first record.
  const std::vector<trace::stream_tag>& declared_streams() const { return m_streams; }
  std::uint8_t declared_granule() const { return m_granule; }

 private:
  void read_header();
  void read_comment(std::string_view line);
  void read_record(std::string_view line, trace::record& out);
  base::duration read_time(text_fields& f);
  void read_access(text_fields& f, trace::record& out) const;
  void read_leaf(text_fields& f, trace::record& out) const;
  static void read_request(text_fields& f, trace::record& out);
  void read_stream(text_fields& f);

  line_reader m_lines;
  std::vector<trace::stream_tag> m_streams;
  std::uint8_t m_granule = 0;
  base::byte_size m_page_size;
  base::duration m_last;
  bool m_in_header = true;
};

}  // namespace svasim::workloads
