// Writes a .svt trace (layout: svt_format.h). The file appears under its name only when all of it
// is on disk.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <unordered_map>
#include <vector>

#include "trace/record.h"
#include "workloads/output_file.h"
#include "workloads/svt_format.h"

namespace svasim::workloads {

class svt_writer {
 public:
  /// Throws base::input_error "cannot write FILE: REASON", as all members do.
  explicit svt_writer(const std::string& path);
  /// Times must not step back.
  void add(const trace::record& r);
  /// Ends the file. Counts come from the records, the rest of the summary from `about`.
  void commit(const trace::summary& about);

 private:
  struct index_entry {
    std::uint64_t offset;
    std::uint64_t first_time;
    std::uint32_t records;
  };
  void put_access(const trace::record& r);
  void put_command(const trace::record& r);
  void put_request(const trace::record& r);
  /// Of a leaf or a request, told apart from the one before.
  void put_address(base::iova address);
  void close_block();
  std::uint64_t put_times(std::string& to) const;
  std::string footer(const trace::summary& about) const;

  output_file m_file;
  std::vector<char> m_lz4;  // state of the packer
  std::string m_plain;      // the records, then the whole block
  std::vector<std::uint64_t> m_times;
  std::string m_packed;
  std::uint32_t m_records = 0;
  std::uint64_t m_first_time = 0;
  std::uint64_t m_time = 0;
  std::uint64_t m_leaf_address = 0;
  svt::last_commands m_commands;
  std::uint32_t m_stream = 0;  // index of the access before
  std::vector<svt::stream_state> m_streams;
  std::unordered_map<std::uint32_t, std::uint32_t> m_stream_index;
  std::vector<index_entry> m_index;
  trace::summary m_counts;
};

}  // namespace svasim::workloads
