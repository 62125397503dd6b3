#include "workloads/open_trace.h"

#include <algorithm>
#include <optional>
#include <utility>

#include "base/error.h"
#include "workloads/csv_trace.h"
#include "workloads/lackey_log.h"
#include "workloads/page_runs.h"
#include "workloads/summary_builder.h"
#include "workloads/svt_reader.h"
#include "workloads/virtio_iommu_log.h"

namespace svasim::workloads {
namespace {

template <class Reader>
void declare(summary_builder&, const Reader&) {}

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

// Which of the two IOMMUs the first event of either in a QEMU log is of; other events may be many.
bool has_virtio_iommu(const std::string& path) {
  line_reader lines(path);
  for (std::string_view line; lines.next(line);) {
    const std::string_view event = line.substr(std::min(line.find(':'), line.size() - 1) + 1);
    if (event.substr(0, 4) == "smmu") return false;
    if (event.substr(0, 13) == "virtio_iommu_") return true;
  }
  return false;
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
        looks_like +
            "; a trace is a QEMU log of smmuv3 or virtio_iommu events, a valgrind lackey log, page "
            "runs, a \"#svasim-trace v1\" text or a .svt file"});
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
    if (has_virtio_iommu(path)) {
      return std::make_unique<text_source<virtio_iommu_log>>(path, options.qemu);
    }
    return std::make_unique<text_source<qemu_log>>(path, options.qemu);
  }
  if (page_runs::looks_like(line)) {
    return std::make_unique<text_source<page_runs>>(path, page_runs::options());
  }
  if (lackey_log::looks_like(start)) {
    return std::make_unique<text_source<lackey_log>>(path, lackey_log::options());
  }
  fail_unknown(path, start);
}

}  // namespace svasim::workloads
