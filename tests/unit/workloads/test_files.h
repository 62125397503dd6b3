// A directory of its own for each test case, and compressed files made on the spot.
#pragma once

#include <fmt/format.h>
#include <unistd.h>
#include <zlib.h>
#include <zstd.h>

#include <filesystem>
#include <fstream>
#include <string>
#include <vector>

#include "base/error.h"
#include "base/file.h"
#include "workloads/open_trace.h"

namespace svasim::workloads::test {

class scratch {
 public:
  scratch() {
    std::string name = (std::filesystem::temp_directory_path() / "svasim-test-XXXXXX").string();
    m_directory = ::mkdtemp(name.data());
  }
  scratch(const scratch&) = delete;
  scratch& operator=(const scratch&) = delete;
  ~scratch() { std::filesystem::remove_all(m_directory); }

  std::string path(const std::string& name) const { return m_directory + "/" + name; }
  std::string file(const std::string& name, const std::string& content) const {
    std::ofstream(path(name), std::ios::binary) << content;
    return path(name);
  }
  /// `text` with this directory's name cut out.
  std::string without_directory(std::string text) const {
    const std::string prefix = m_directory + "/";
    for (auto at = text.find(prefix); at != std::string::npos; at = text.find(prefix)) {
      text.erase(at, prefix.size());
    }
    return text;
  }

 private:
  std::string m_directory;
};

inline std::string gzip(const std::string& plain) {
  z_stream z{};
  deflateInit2(&z, 6, Z_DEFLATED, 15 + 16, 8, Z_DEFAULT_STRATEGY);
  std::string out(deflateBound(&z, plain.size()) + 64, '\0');
  z.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(plain.data()));
  z.avail_in = static_cast<uInt>(plain.size());
  z.next_out = reinterpret_cast<Bytef*>(out.data());
  z.avail_out = static_cast<uInt>(out.size());
  deflate(&z, Z_FINISH);
  out.resize(z.total_out);
  deflateEnd(&z);
  return out;
}

inline std::string zstd(const std::string& plain) {
  std::string out(ZSTD_compressBound(plain.size()), '\0');
  out.resize(ZSTD_compress(out.data(), out.size(), plain.data(), plain.size(), 3));
  return out;
}

inline std::vector<trace::record> read_all(trace::source& from) {
  std::vector<trace::record> out;
  for (trace::record r; from.next(r);) out.push_back(r);
  return out;
}

/// One record a string, as "TIME_NS SID R|W ADDRESS+LENGTH[->OUTPUT]", "TIME_NS C WORD0 WORD1" or
/// "TIME_NS E SID NUMBER"; addresses and words are hexadecimal.
inline std::string text_of(const trace::record& r) {
  const std::uint64_t time = r.time.value() / 1000;
  if (r.kind == trace::record_kind::command) {
    return fmt::format("{} C {:x} {:x}", time, r.command[0], r.command[1]);
  }
  if (r.kind == trace::record_kind::event) {
    return fmt::format("{} E {:x} {:x}", time, r.sid.value(), r.event);
  }
  return fmt::format("{} {:x} {} {:x}+{}{}", time, r.sid.value(), r.write ? 'W' : 'R',
                     r.address.value(), r.length,
                     r.has_output ? fmt::format("->{:x}", r.output) : "");
}

inline std::vector<std::string> texts_of(const std::string& path,
                                         const open_options& options = open_options()) {
  std::vector<std::string> out;
  for (const trace::record& r : read_all(*open_trace(path, options))) out.push_back(text_of(r));
  return out;
}

/// The text of the base::input_error that reading all of the trace throws, or "" when it throws
/// none.
inline std::string error_of(const scratch& dir, const std::string& path) {
  try {
    read_all(*open_trace(path));
  } catch (const base::input_error& e) {
    return dir.without_directory(e.what());
  }
  return "";
}

}  // namespace svasim::workloads::test
