// A trace file as plain bytes: passes text through, inflates gzip (RFC 1952, also several members)
// and zstd (RFC 8878, also several frames), chosen by the first bytes of the file, not by its name.
// Memory is bounded: 128 KiB of input, the window of the compressor (zstd: at most 128 MiB).
#pragma once

#include <cstdint>
#include <memory>
#include <string>

#include "workloads/file_digest.h"

namespace svasim::workloads {

class decoder {
 public:
  virtual ~decoder() = default;
  /// Up to `n` plain bytes, 0 only at the end. Throws base::input_error naming the byte of the file
  /// where compressed data are cut off, damaged, or followed by something else.
  virtual std::size_t read(char* out, std::size_t n) = 0;
  /// Of the bytes of the file as they are on disk, read so far.
  virtual const file_digest& bytes_digest() const = 0;
};

/// Throws base::input_error "cannot open FILE: REASON".
std::unique_ptr<decoder> open_decoder(const std::string& path);

}  // namespace svasim::workloads
