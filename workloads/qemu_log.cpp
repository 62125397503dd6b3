#include "workloads/qemu_log.h"

#include <algorithm>
#include <utility>

#include "base/error.h"

namespace svasim::workloads {
namespace {

constexpr std::uint64_t max_sid = 0xffffffff;
constexpr std::uint64_t page = 4096;

std::uint8_t event_number(std::string_view name) {
  static constexpr std::pair<std::string_view, std::uint8_t> table[] = {
      {"F_UUT", 0x01},          {"C_BAD_STREAMID", 0x02},    {"F_STE_FETCH", 0x03},
      {"C_BAD_STE", 0x04},      {"F_BAD_ATS_TREQ", 0x05},    {"F_STREAM_DISABLED", 0x06},
      {"F_TRANS_FORBIDDEN", 7}, {"C_BAD_SUBSTREAMID", 0x08}, {"F_CD_FETCH", 0x09},
      {"C_BAD_CD", 0x0a},       {"F_WALK_EABT", 0x0b},       {"F_TRANSLATION", 0x10},
      {"F_ADDR_SIZE", 0x11},    {"F_ACCESS", 0x12},          {"F_PERMISSION", 0x13},
      {"F_TLB_CONFLICT", 0x20}, {"F_CFG_CONFLICT", 0x21},    {"E_PAGE_REQ", 0x24},
  };
  for (const auto& [known, number] : table) {
    if (known == name) return number;
  }
  return 0;
}

bool begins_with(std::string_view text, std::string_view prefix) {
  return text.substr(0, prefix.size()) == prefix;
}

}  // namespace

qemu_log::qemu_log(const std::string& path, const options& defaults, bool page_leaves)
    : m_lines(path), m_envelope(m_lines), m_defaults(defaults), m_page_leaves(page_leaves) {}

bool qemu_log::next(trace::record& out) {
  std::string_view line;
  for (;;) {
    if (m_commands.pop(out)) return true;
    if (m_ended) return false;
    if (!m_lines.next(line)) {
      m_ended = true;
      m_commands.finish();
      continue;
    }
    if (!read_line(line, out)) continue;
    if (!m_commands.queues()) return true;
    m_commands.queue(out);
  }
}

bool qemu_log::read_line(std::string_view line, trace::record& out) {
  text_fields f(m_lines, line);
  const std::string_view event = m_envelope.read(f);
  out = trace::record{};
  out.line = m_lines.number();
  return read_event(event, f, out);
}

bool qemu_log::read_event(std::string_view event, text_fields& f, trace::record& out) {
  if (event == "smmuv3_translate_success") {
    read_access(f, out);
    m_envelope.stamp(out);
    m_saw_smmu = true;
    return true;
  }
  if (!begins_with(event, "smmu")) return false;
  m_saw_smmu = true;
  if (event == "smmu_iotlb_insert") {
    if (!read_leaf(f, out)) return false;
  } else if (event == "smmuv3_record_event") {
    read_fault(f, out);
  } else if (event == "smmuv3_translate_bypass" || event == "smmuv3_translate_abort" ||
             event == "smmuv3_translate_disable") {
    ++m_untranslated;
    return false;
  } else {
    const qemu_commands::outcome outcome = m_commands.read(event, f, out);
    if (outcome != qemu_commands::outcome::record &&
        outcome != qemu_commands::outcome::range_opened) {
      return false;
    }
    out.kind = trace::record_kind::command;
    m_envelope.stamp(out);
    if (outcome == qemu_commands::outcome::record) return true;
    m_commands.open_range(out);
    return false;
  }
  // A page leaf is not part of the trace and so does not start its clock.
  m_envelope.stamp(out, !is_hint(out));
  return true;
}

// "NAME sid=S iova=A translated=A perm=P stage=N"
void qemu_log::read_access(text_fields& f, trace::record& out) const {
  f.need(" sid=");
  out.sid = base::stream_id(static_cast<std::uint32_t>(f.number(max_sid)));
  f.need(" iova=");
  out.address = base::iova(f.number());
  f.need(" translated=");
  out.output = f.number();
  out.has_output = true;
  f.need(" perm=");
  out.permission = static_cast<std::uint8_t>(f.number(3));
  const bool doorbell =
      out.output >= m_defaults.doorbell_first && out.output <= m_defaults.doorbell_last;
  out.write = doorbell || out.permission == 2;
  const std::uint64_t length =
      (doorbell ? m_defaults.doorbell_length : m_defaults.access_length).value();
  out.length = static_cast<std::uint32_t>(std::min(length, page - out.address.value() % page));
}

// "IOTLB ++ asid=N vmid=N addr=A tg=N level=N"; versions before 5.1 tell no level and are skipped.
bool qemu_log::read_leaf(text_fields& f, trace::record& out) const {
  out.kind = trace::record_kind::leaf;
  std::uint64_t tag = 0;
  f.need("asid=");
  if (f.number_or_any(0xffff, tag)) out.asid = base::asid(static_cast<std::uint16_t>(tag));
  tag = 0;
  if (f.find(" vmid=") && f.number_or_any(0xffff, tag)) {
    out.vmid = base::vmid(static_cast<std::uint16_t>(tag));
  }
  f.need(" addr=");
  const std::uint64_t address = f.number();
  if (!f.find(" tg=")) return false;
  const std::size_t at = f.position();
  const auto tg = static_cast<unsigned>(f.number(3));
  if (tg == 0) f.fail_at(at, "the granule of a leaf is 1 (4K), 2 (16K) or 3 (64K)");
  out.granule_shift = static_cast<std::uint8_t>(smmu_commands::granule_shift(tg));
  f.need(" level=");
  out.level = static_cast<std::uint8_t>(f.number(3));
  const unsigned size_shift = out.granule_shift + (3u - out.level) * (out.granule_shift - 3u);
  out.address = base::iova(address).page_base(size_shift);
  return out.level < 3 || m_page_leaves;
}

// "SMMU_EVT_NAME sid=S"
void qemu_log::read_fault(text_fields& f, trace::record& out) const {
  out.kind = trace::record_kind::event;
  f.take(" ");
  f.take("SMMU_EVT_");
  out.event = event_number(f.word(' '));
  f.need(" sid=");
  out.sid = base::stream_id(static_cast<std::uint32_t>(f.number(max_sid)));
}

void qemu_log::complete(trace::summary& s) const {
  s.lines = m_lines.number();
  s.incomplete_commands = m_commands.incomplete();
  s.untranslated = m_untranslated;
  s.clock_steps_back = m_envelope.steps_back();
  if (m_saw_smmu) return;
  throw base::input_error(
      base::problem{m_lines.path(), 0, 0, "a QEMU log without smmuv3 or virtio_iommu events"});
}

}  // namespace svasim::workloads
