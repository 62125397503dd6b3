// The kinds of trace file that can be read, by name and by content: `svasim trace import --help`
// lists them from here.
#pragma once

#include <array>
#include <optional>
#include <string>
#include <string_view>

namespace svasim::workloads {

enum class trace_kind : std::uint8_t {
  qemu_smmuv3,
  qemu_virtio_iommu,
  ftrace,
  page_runs,
  lackey,
  fio_iolog,
  blkparse,
  pcap,
  csv,
  svt,
};

struct format_info {
  trace_kind kind;
  const char* name;  ///< as summary::format has it
  const char* what;
};

constexpr std::array<format_info, 10> known_formats{{
    {trace_kind::qemu_smmuv3, "qemu-smmuv3", "QEMU log of smmuv3 events (-msg timestamp=on)"},
    {trace_kind::qemu_virtio_iommu, "qemu-virtio-iommu", "QEMU log of virtio_iommu events"},
    {trace_kind::ftrace, "ftrace", "Linux ftrace text: iommu, dma, nvme and block events"},
    {trace_kind::page_runs, "page-runs", "a program's accesses as runs: OP PAGE COUNT"},
    {trace_kind::lackey, "lackey", "valgrind --tool=lackey --trace-mem=yes"},
    {trace_kind::fio_iolog, "fio-iolog", "fio I/O log, version 2 or 3: an NVMe queue pair"},
    {trace_kind::blkparse, "blkparse", "blkparse text: NVMe queue pairs"},
    {trace_kind::pcap, "pcap", "packet capture: a network controller's rings"},
    {trace_kind::csv, "csv", "svasim's own text, #svasim-trace v1"},
    {trace_kind::svt, "svt", "svasim's own binary form"},
}};

std::optional<trace_kind> format_named(std::string_view name);

/// By the content of the file, never by its name. Throws base::input_error: "cannot open FILE:
/// REASON", and what the file looks like when it is no trace.
trace_kind detect_format(const std::string& path);

}  // namespace svasim::workloads
