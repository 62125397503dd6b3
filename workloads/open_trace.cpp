#include "workloads/open_trace.h"

#include <cstdlib>
#include <utility>

#include "base/error.h"
#include "workloads/blkparse_text.h"
#include "workloads/csv_trace.h"
#include "workloads/ftrace_log.h"
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
  text_source(const std::string& path, const typename Reader::options& details,
              const open_options& options)
      : m_summary(first_pass(path, details, options)),
        m_reader(path, details, false),
        m_filter(options.skip_bad) {}

  bool next(trace::record& out) override {
    if (m_filter.next(m_reader, out)) return true;
    if (m_reader.lines().bytes_digest().text() == m_summary.digest) return false;
    throw base::input_error(
        base::problem{m_reader.lines().path(), 0, 0, "the file changed while it was read"});
  }
  const trace::summary& about() const override { return m_summary; }

 private:
  static trace::summary first_pass(const std::string& path, const typename Reader::options& details,
                                   const open_options& options) {
    Reader reader(path, details, true);
    bad_line_filter filter(options.skip_bad);
    summary_builder builder(path);
    trace::record r;
    bool first = true;
    while (filter.next(reader, r)) {
      if (std::exchange(first, false)) declare(builder, reader);
      Reader::is_hint(r) ? builder.hint(r) : builder.add(r);
    }
    trace::summary s = builder.finish();
    reader.complete(s);
    s.format = Reader::format;
    s.digest = reader.lines().bytes_digest().text();
    if (options.skipped != nullptr) options.skipped->add(filter.seen());
    return s;
  }

  trace::summary m_summary;
  Reader m_reader;
  bad_line_filter m_filter;
};

template <class Reader>
std::unique_ptr<trace::source> open_text(const std::string& path, const open_options& options,
                                         const typename Reader::options& details = {}) {
  return std::make_unique<text_source<Reader>>(path, details, options);
}

template <class Log>
std::unique_ptr<trace::source> open_joined(const std::string& log, const std::string& text,
                                           const open_options& options) {
  typename joined_log<Log>::options details;
  details.log = options.qemu;
  bad_line_filter filter(options.skip_bad);
  details.index = std::make_shared<const ftrace_index>(text, filter);
  if (options.skipped != nullptr) options.skipped->add(filter.seen());
  details.counts = options.joined;
  return open_text<joined_log<Log>>(log, options, details);
}

// An ftrace text and a QEMU log, in either order.
std::unique_ptr<trace::source> open_pair(const std::string& path, const open_options& options) {
  const trace_kind first = options.kind ? *options.kind : detect_format(path);
  const trace_kind second = detect_format(options.join);
  const bool text_first = first == trace_kind::ftrace;
  const std::string& log = text_first ? options.join : path;
  const std::string& text = text_first ? path : options.join;
  const trace_kind of_log = text_first ? second : first;
  if (text_first || second == trace_kind::ftrace) {
    if (of_log == trace_kind::qemu_smmuv3) return open_joined<qemu_log>(log, text, options);
    if (of_log == trace_kind::qemu_virtio_iommu) {
      return open_joined<virtio_iommu_log>(log, text, options);
    }
  }
  throw base::input_error(base::problem{
      options.join, 0, 0, "only an ftrace text and a QEMU log of the same run can be joined"});
}

}  // namespace

std::unique_ptr<trace::source> open_trace(const std::string& path, const open_options& options) {
  if (!options.join.empty()) return open_pair(path, options);
  switch (options.kind ? *options.kind : detect_format(path)) {
    case trace_kind::qemu_smmuv3:
      return open_text<qemu_log>(path, options, options.qemu);
    case trace_kind::qemu_virtio_iommu:
      return open_text<virtio_iommu_log>(path, options, options.qemu);
    case trace_kind::ftrace:
      return open_text<ftrace_log>(path, options);
    case trace_kind::fio_iolog:
      return open_text<fio_iolog>(path, options, options.nvme);
    case trace_kind::blkparse:
      return open_text<blkparse_text>(path, options, options.nvme);
    case trace_kind::pcap:
      return open_text<pcap_file>(path, options, options.nic);
    case trace_kind::page_runs:
      return open_text<page_runs>(path, options);
    case trace_kind::lackey:
      return open_text<lackey_log>(path, options);
    case trace_kind::csv:
      return open_text<csv_trace>(path, options);
    case trace_kind::svt:
      return std::make_unique<svt_reader>(path);
  }
  std::abort();
}

}  // namespace svasim::workloads
