// Reads a .svt trace (layout: svt_format.h) block by block. A file cut off or damaged is refused
// with the byte where it is; sizes and counts in it are believed only within the bounds of the
// format.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "trace/record.h"
#include "workloads/input_file.h"
#include "workloads/svt_footer.h"
#include "workloads/svt_format.h"

namespace svasim::workloads {

class svt_reader final : public trace::source {
 public:
  using index_entry = svt::index_entry;
  /// Reads header and footer, and the whole file once for its digest. Throws base::input_error.
  explicit svt_reader(const std::string& path);
  bool next(trace::record& out) override;
  const trace::summary& about() const override { return m_summary; }
  /// Blocks in file order.
  const std::vector<index_entry>& index() const { return m_index; }

 private:
  void read_header();
  std::uint64_t read_footer();
  void check_counts() const;
  void read_block();
  bool decode(trace::record& out);
  bool decode_access(unsigned head, trace::record& out);
  bool decode_stream(svt::stream_state*& s);
  bool decode_command(unsigned head, trace::record& out);
  bool decode_leaf(trace::record& out);
  bool decode_request(trace::record& out);
  std::uint64_t varint();
  [[noreturn]] void fail(std::uint64_t offset, const std::string& message) const;

  input_file m_file;
  trace::summary m_summary;
  std::vector<index_entry> m_index;
  std::size_t m_block = 0;  // the next to read
  std::uint64_t m_block_offset = 0;
  std::vector<unsigned char> m_packed;
  std::vector<unsigned char> m_plain;  // with zeros behind, so that a record is bounds-checked once
  const unsigned char* m_time_at = nullptr;  // in the column of times
  const unsigned char* m_times_end = nullptr;
  const unsigned char* m_at = nullptr;  // in the records
  const unsigned char* m_end = nullptr;
  std::uint32_t m_left = 0;  // records of this block
  std::uint64_t m_time = 0;
  std::uint64_t m_unit = 1;
  std::uint64_t m_leaf_address = 0;
  svt::last_commands m_commands;
  std::uint32_t m_stream = 0;
  std::vector<svt::stream_state> m_streams;
  std::uint64_t m_records = 0;
  std::uint64_t m_accesses = 0;   // single ones
  const trace::record m_blank{};  // a copy of it is faster than making one
};

}  // namespace svasim::workloads
