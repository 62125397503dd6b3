#include "workloads/decoder.h"

#include <fmt/format.h>
#include <zlib.h>
#include <zstd.h>

#include <array>
#include <cstring>
#include <vector>

#include "base/error.h"
#include "workloads/input_file.h"

namespace svasim::workloads {
namespace {

constexpr std::size_t chunk_size = 128 << 10;

// Input chunk shared by the decoders: `m_at` walks over what was read and not yet used.
class chunked_input {
 public:
  explicit chunked_input(const std::string& path) : m_file(path), m_chunk(chunk_size) { refill(); }

  const unsigned char* at() const { return m_chunk.data() + m_at; }
  std::size_t left() const { return m_filled - m_at; }
  void use(std::size_t n) { m_at += n; }
  /// Reads on when all is used; false at the end of the file.
  bool more() {
    if (left() == 0) refill();
    return left() != 0;
  }
  bool starts_with(std::initializer_list<unsigned char> magic) const {
    return left() >= magic.size() && std::equal(magic.begin(), magic.end(), at());
  }
  const file_digest& bytes_digest() const { return m_file.bytes_digest(); }
  [[noreturn]] void fail(const char* what) const {
    const std::uint64_t offset = m_file.offset() - left();
    throw base::input_error(
        base::problem{m_file.path(), 0, 0, fmt::format("{} at byte {}", what, offset)});
  }

 private:
  void refill() {
    m_at = 0;
    m_filled = m_file.read(m_chunk.data(), m_chunk.size());
  }
  input_file m_file;
  std::vector<unsigned char> m_chunk;
  std::size_t m_at = 0;
  std::size_t m_filled = 0;
};

class plain_decoder final : public decoder {
 public:
  explicit plain_decoder(std::unique_ptr<chunked_input> in) : m_in(std::move(in)) {}
  std::size_t read(char* out, std::size_t n) override {
    if (!m_in->more()) return 0;
    n = std::min(n, m_in->left());
    std::memcpy(out, m_in->at(), n);
    m_in->use(n);
    return n;
  }
  const file_digest& bytes_digest() const override { return m_in->bytes_digest(); }

 private:
  std::unique_ptr<chunked_input> m_in;
};

class gzip_decoder final : public decoder {
 public:
  explicit gzip_decoder(std::unique_ptr<chunked_input> in) : m_in(std::move(in)) {
    if (inflateInit2(&m_zlib, 15 + 16) != Z_OK) throw std::bad_alloc();
  }
  gzip_decoder(const gzip_decoder&) = delete;
  gzip_decoder& operator=(const gzip_decoder&) = delete;
  ~gzip_decoder() override { inflateEnd(&m_zlib); }
  const file_digest& bytes_digest() const override { return m_in->bytes_digest(); }

  std::size_t read(char* out, std::size_t n) override {
    m_zlib.next_out = reinterpret_cast<Bytef*>(out);
    m_zlib.avail_out = static_cast<uInt>(n);
    while (m_zlib.avail_out == n) {
      if (!m_in->more()) {
        if (m_between_members) return 0;
        m_in->fail("gzip data cut off");
      }
      if (m_between_members) start_member();
      step();
    }
    return n - m_zlib.avail_out;
  }

 private:
  void start_member() {
    if (*m_in->at() != 0x1f) m_in->fail("gzip data followed by something else");
    inflateReset(&m_zlib);
    m_between_members = false;
  }
  void step() {
    m_zlib.next_in = const_cast<Bytef*>(m_in->at());
    m_zlib.avail_in = static_cast<uInt>(m_in->left());
    const int code = inflate(&m_zlib, Z_NO_FLUSH);
    m_in->use(m_in->left() - m_zlib.avail_in);
    if (code == Z_STREAM_END) {
      m_between_members = true;
    } else if (code == Z_MEM_ERROR) {
      throw std::bad_alloc();
    } else if (code != Z_OK && code != Z_BUF_ERROR) {
      m_in->fail("damaged gzip data");
    }
  }

  std::unique_ptr<chunked_input> m_in;
  z_stream m_zlib{};
  bool m_between_members = false;
};

class zstd_decoder final : public decoder {
 public:
  explicit zstd_decoder(std::unique_ptr<chunked_input> in)
      : m_in(std::move(in)), m_zstd(ZSTD_createDStream(), &ZSTD_freeDStream) {
    if (!m_zstd) throw std::bad_alloc();
  }
  const file_digest& bytes_digest() const override { return m_in->bytes_digest(); }

  std::size_t read(char* out, std::size_t n) override {
    ZSTD_outBuffer plain{out, n, 0};
    while (plain.pos == 0) {
      if (!m_in->more()) {
        if (m_frame_done) return 0;
        if (!flush(plain)) m_in->fail("zstd data cut off");
        continue;
      }
      if (m_frame_done && m_in->left() >= 4 && !frame_start()) {
        m_in->fail("zstd data followed by something else");
      }
      ZSTD_inBuffer packed{m_in->at(), m_in->left(), 0};
      const std::size_t code = ZSTD_decompressStream(m_zstd.get(), &plain, &packed);
      m_in->use(packed.pos);
      if (ZSTD_isError(code) != 0) m_in->fail("damaged zstd data");
      m_frame_done = code == 0;
    }
    return plain.pos;
  }

 private:
  // What zstd still holds after all input was taken; false when there is nothing.
  bool flush(ZSTD_outBuffer& plain) {
    ZSTD_inBuffer none{nullptr, 0, 0};
    const std::size_t code = ZSTD_decompressStream(m_zstd.get(), &plain, &none);
    m_frame_done = code == 0;
    return ZSTD_isError(code) == 0 && (plain.pos != 0 || m_frame_done);
  }
  bool frame_start() const {
    const bool skippable = (m_in->at()[0] & 0xf0) == 0x50 && m_in->at()[1] == 0x2a &&
                           m_in->at()[2] == 0x4d && m_in->at()[3] == 0x18;
    return skippable || m_in->starts_with({0x28, 0xb5, 0x2f, 0xfd});
  }

  std::unique_ptr<chunked_input> m_in;
  std::unique_ptr<ZSTD_DStream, decltype(&ZSTD_freeDStream)> m_zstd;
  bool m_frame_done = false;
};

}  // namespace

std::unique_ptr<decoder> open_decoder(const std::string& path) {
  auto in = std::make_unique<chunked_input>(path);
  if (in->starts_with({0x1f, 0x8b})) return std::make_unique<gzip_decoder>(std::move(in));
  if (in->starts_with({0x28, 0xb5, 0x2f, 0xfd})) {
    return std::make_unique<zstd_decoder>(std::move(in));
  }
  return std::make_unique<plain_decoder>(std::move(in));
}

}  // namespace svasim::workloads
