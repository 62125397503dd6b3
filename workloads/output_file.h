// A file written piece by piece under a temporary name and given its own at the end, so that a full
// disk or a crash leaves nothing half written. (base::write_file_atomically is for contents held
// whole.)
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace svasim::workloads {

class output_file {
 public:
  /// Throws base::input_error "cannot write FILE: REASON", as all members do.
  explicit output_file(std::string path);
  output_file(const output_file&) = delete;
  output_file& operator=(const output_file&) = delete;
  /// Without commit() before, removes what was written; `path` then is as it was.
  ~output_file();

  void write(std::string_view bytes);
  std::uint64_t offset() const { return m_offset + m_buffer.size(); }
  /// Flushes to disk and renames.
  void commit();

 private:
  void flush();
  [[noreturn]] void fail(int code) const;
  std::string m_path;
  std::string m_temporary;
  std::string m_buffer;
  std::uint64_t m_offset = 0;
  int m_fd = -1;
};

}  // namespace svasim::workloads
