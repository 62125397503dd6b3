// The bytes of a trace file front to back, with the offset for messages and a digest of what was
// read.
#pragma once

#include <cstdint>
#include <string>

#include "workloads/file_digest.h"

namespace svasim::workloads {

class input_file {
 public:
  /// Throws base::input_error "cannot open FILE: REASON". Only regular files: a trace is read
  /// twice.
  explicit input_file(const std::string& path);
  input_file(const input_file&) = delete;
  input_file& operator=(const input_file&) = delete;
  ~input_file();

  /// Up to `n` bytes, fewer only at the end of the file.
  std::size_t read(void* out, std::size_t n);
  /// Bytes read so far; seek() sets it without touching the digest.
  std::uint64_t offset() const { return m_offset; }
  std::uint64_t size() const { return m_size; }
  void seek(std::uint64_t offset);
  const std::string& path() const { return m_path; }
  /// From now on the digest stays as it is, and reading takes less time.
  void stop_digest() { m_digesting = false; }
  /// Of all bytes read until then.
  const file_digest& bytes_digest() const { return m_digest; }

 private:
  std::string m_path;
  int m_fd = -1;
  std::uint64_t m_size = 0;
  std::uint64_t m_offset = 0;
  file_digest m_digest;
  bool m_digesting = true;
};

}  // namespace svasim::workloads
