#include "workloads/open_trace.h"

#include <algorithm>
#include <optional>
#include <utility>

#include "base/error.h"
#include "workloads/csv_trace.h"
#include "workloads/summary_builder.h"
#include "workloads/svt_reader.h"

namespace svasim::workloads {
namespace {

void declare(summary_builder&, const qemu_log&) {}

void declare(summary_builder& builder, const csv_trace& trace) {
  for (const trace::stream_tag& tag : trace.declared_streams()) builder.declare(tag);
  builder.declare_granule(trace.declared_granule());
}

// A text trace: one pass for the summary when it is made, another for the records.
template <class Reader>
class text_source final : public trace::source {
 public:
  text_source(const std::string& path, const typename Reader::options& options)
      : m_summary(first_pass(path, options)), m_reader(path, options, false) {}

  bool next(trace::record& out) override {
    if (m_reader.next(out)) return true;
    if (m_reader.lines().file_digest().text() == m_summary.digest) return false;
    throw base::input_error(
        base::problem{m_reader.lines().path(), 0, 0, "the file changed while it was read"});
  }
  const trace::summary& about() const override { return m_summary; }

 private:
  static trace::summary first_pass(const std::string& path,
                                   const typename Reader::options& options) {
    Reader reader(path, options, true);
    summary_builder builder(path);
    trace::record r;
    bool first = true;
    while (reader.next(r)) {
      if (std::exchange(first, false)) declare(builder, reader);
      Reader::is_hint(r) ? builder.hint(r) : builder.add(r);
    }
    trace::summary s = builder.finish();
    reader.complete(s);
    s.format = Reader::format;
    s.digest = reader.lines().file_digest().text();
    return s;
  }

  trace::summary m_summary;
  Reader m_reader;
};

// The first plain bytes of the file.
std::string read_start(const std::string& path) {
  std::string start(4096, '\0');
  start.resize(open_decoder(path)->read(start.data(), start.size()));
  return start;
}

bool is_text(const std::string& start) {
  return std::none_of(start.begin(), start.end(), [](char c) {
    const auto u = static_cast<unsigned char>(c);
    return u == 0x7f || (u < 0x20 && c != '\t' && c != '\n' && c != '\r');
  });
}

[[noreturn]] void fail_unknown(const std::string& path, const std::string& start) {
  const std::string line = start.substr(0, start.find_first_of("\r\n"));
  const auto fail = [&](const std::string& looks_like) {
    throw base::input_error(base::problem{
        path, 0, 0,
        looks_like + "; a trace is a QEMU smmuv3 log, a \"#svasim-trace v1\" text or a .svt file"});
  };
  if (start.empty()) fail("the file is empty");
  if (!is_text(start)) fail("the file is binary data of an unknown kind");
  if (line.rfind("# tracer:", 0) == 0) fail("the file looks like Linux ftrace text");
  if (line.rfind("smmu", 0) == 0) {
    fail("the file looks like a QEMU log without time stamps (-msg timestamp=on)");
  }
  if (line.rfind("{", 0) == 0) fail("the file looks like JSON");
  fail("the file is text of an unknown kind, beginning with " + quoted(line));
  std::abort();
}

}  // namespace

std::unique_ptr<trace::source> open_trace(const std::string& path, const open_options& options) {
  const std::string start = read_start(path);
  if (start.compare(0, svt::magic.size(), svt::magic) == 0) {
    return std::make_unique<svt_reader>(path);
  }
  if (start.compare(0, csv_trace::magic.size(), csv_trace::magic) == 0) {
    return std::make_unique<text_source<csv_trace>>(path, csv_trace::options());
  }
  const std::string_view line = std::string_view(start).substr(0, start.find('\n'));
  if (looks_like_qemu_log(line)) {
    return std::make_unique<text_source<qemu_log>>(path, options.qemu);
  }
  fail_unknown(path, start);
}

}  // namespace svasim::workloads
