#include "workloads/convert.h"

#include <fmt/format.h>

#include <iterator>

#include "workloads/output_file.h"
#include "workloads/request_names.h"
#include "workloads/svt_writer.h"

namespace svasim::workloads {
namespace {

bool ends_with(const std::string& text, const std::string& end) {
  return text.size() > end.size() && text.compare(text.size() - end.size(), end.size(), end) == 0;
}

std::string csv_header(const trace::summary& about) {
  std::string out = "#svasim-trace v1\n";
  const auto to = std::back_inserter(out);
  fmt::format_to(to, "#granule,{}\n", about.granule_shift);
  if (about.page_size.value() != 0) fmt::format_to(to, "#page_size,{}\n", about.page_size.value());
  for (const trace::stream_tag& s : about.streams) {
    fmt::format_to(to, "#stream,{:#x},asid={},vmid={}", s.sid.value(), s.asid.value(),
                   s.vmid.value());
    if (s.has_domain) fmt::format_to(to, ",domain={}", s.domain);
    out += '\n';
  }
  out +=
      "# time,A,sid,ssid,address,length,rw,output,permission[,repeats]\n"
      "# time,C,word0,word1\n"
      "# time,L,asid,vmid,address,level,granule\n"
      "# time,E,sid,event\n"
      "# time,V,request,domain,operands\n";
  return out;
}

void put_access(std::string& line, const trace::record& r) {
  const auto to = std::back_inserter(line);
  fmt::format_to(to, "{},A,{:#x},", r.time.value(), r.sid.value());
  if (r.has_ssid) fmt::format_to(to, "{:#x}", r.ssid.value());
  fmt::format_to(to, ",{:#x},{},{},", r.address.value(), r.length, r.write ? 'W' : 'R');
  if (r.has_output) fmt::format_to(to, "{:#x}", r.output);
  fmt::format_to(to, ",{}", r.permission);
  if (r.repeats != 0) fmt::format_to(to, ",{}", r.repeats);
  line += '\n';
}

void put_request(std::string& line, const trace::record& r) {
  const auto to = std::back_inserter(line);
  fmt::format_to(to, "{},V,{},{}", r.time.value(), request_name(r.request), r.domain);
  if (r.request == trace::request_type::attach || r.request == trace::request_type::detach) {
    fmt::format_to(to, ",{:#x}\n", r.sid.value());
    return;
  }
  fmt::format_to(to, ",{:#x},{:#x}", r.address.value(), r.last);
  if (r.request == trace::request_type::map) {
    fmt::format_to(to, ",{:#x},{}", r.output, r.permission);
  }
  line += '\n';
}

void put_csv(std::string& line, const trace::record& r) {
  const auto to = std::back_inserter(line);
  const std::uint64_t time = r.time.value();
  switch (r.kind) {
    case trace::record_kind::access:
      return put_access(line, r);
    case trace::record_kind::command:
      fmt::format_to(to, "{},C,{:#x},{:#x}\n", time, r.command[0], r.command[1]);
      return;
    case trace::record_kind::leaf:
      fmt::format_to(to, "{},L,{},{},{:#x},{},{}\n", time, r.asid.value(), r.vmid.value(),
                     r.address.value(), r.level, r.granule_shift);
      return;
    case trace::record_kind::event:
      fmt::format_to(to, "{},E,{:#x},{:#x}\n", time, r.sid.value(), r.event);
      return;
    case trace::record_kind::request:
      return put_request(line, r);
  }
}

void write_csv(trace::source& from, const std::string& path) {
  output_file file(path);
  file.write(csv_header(from.about()));
  trace::record r;
  std::string line;
  while (from.next(r)) {
    line.clear();
    put_csv(line, r);
    file.write(line);
  }
  file.commit();
}

void write_svt(trace::source& from, const std::string& path) {
  svt_writer file(path);
  trace::record r;
  while (from.next(r)) file.add(r);
  file.commit(from.about());
}

}  // namespace

std::optional<trace_format> format_of(const std::string& path) {
  if (ends_with(path, ".csv")) return trace_format::csv;
  if (ends_with(path, ".svt")) return trace_format::svt;
  return std::nullopt;
}

void convert(trace::source& from, const std::string& path, trace_format format) {
  format == trace_format::csv ? write_csv(from, path) : write_svt(from, path);
}

}  // namespace svasim::workloads
