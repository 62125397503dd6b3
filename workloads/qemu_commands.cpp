#include "workloads/qemu_commands.h"

#include <fmt/format.h>

#include "base/bits.h"

namespace svasim::workloads {

namespace cmd = smmu_commands;

// Which line carries the operands. `unlogged`: QEMU has none for it, so the command cannot be
// replayed.
enum class qemu_commands::operands : std::uint8_t {
  none,
  prefetch,
  ste,
  ste_range,
  cd,
  nh_all,
  asid,
  range,
  s12,
  nsnh,
  unlogged
};

struct qemu_commands::known_opcode {
  std::string_view name;
  cmd::opcode op;
  operands kind;
};

namespace {

// Records that wait behind a range whose end is not known yet; pieces of one range.
constexpr std::size_t max_queue = 64;
constexpr std::size_t max_pieces = 128;

base::vmid to_vmid(std::uint64_t v) {
  return base::vmid(static_cast<std::uint16_t>(v));
}
base::asid to_asid(std::uint64_t v) {
  return base::asid(static_cast<std::uint16_t>(v));
}
base::stream_id to_sid(std::uint64_t v) {
  return base::stream_id(static_cast<std::uint32_t>(v));
}

constexpr std::uint64_t max_sid = 0xffffffff;
constexpr std::uint64_t max_tag = 0xffff;

// "start=S - end=E", an aligned power of two of StreamIDs.
cmd::words read_ste_range(text_fields& f) {
  f.need("start=");
  const std::uint64_t start = f.number(max_sid);
  f.need("end=");
  const std::size_t at = f.position();
  const std::uint64_t end = f.number(max_sid);
  const std::uint64_t count = end - start + 1;
  if (end <= start || !base::is_power_of_two(count) || start % count != 0) {
    f.fail_at(at, fmt::format("{:#x} to {:#x} is no range of CFGI_STE_RANGE", start, end));
  }
  return cmd::of_stream_range(to_sid(start), base::log2_floor(count) - 1);
}

// The VMID where this version of QEMU logs it, else 0.
base::vmid read_optional_vmid(text_fields& f) {
  return to_vmid(f.find("vmid=") ? f.number(max_tag) : 0);
}

struct range_line {
  cmd::range_operands operands;
  bool stage2 = false;
  bool any_asid = false;
};

range_line read_range_line(text_fields& f) {
  range_line out;
  std::uint64_t tag = 0;
  f.need("vmid=");
  if (f.number_or_any(max_tag, tag)) out.operands.vmid = static_cast<std::uint16_t>(tag);
  tag = 0;
  f.need("asid=");
  out.any_asid = !f.number_or_any(max_tag, tag);
  out.operands.asid = static_cast<std::uint16_t>(tag);
  f.need("addr=");
  const std::size_t at = f.position();
  out.operands.address = f.number();
  if (out.operands.address % 4096 != 0) f.fail_at(at, "the address is no multiple of 4 KiB");
  f.need("tg=");
  out.operands.granule = static_cast<std::uint8_t>(f.number(3));
  f.need("num_pages=");
  const std::size_t pages_at = f.position();
  out.operands.pages = f.number(std::uint64_t{32} << 31);
  if (out.operands.pages == 0) f.fail_at(pages_at, "a range of no pages");
  f.need("ttl=");
  out.operands.ttl = static_cast<std::uint8_t>(f.number(3));
  f.need("leaf=");
  out.operands.leaf = f.number(1) != 0;
  out.stage2 = out.any_asid;  // versions without stage= know stage 1 with an ASID only
  if (f.find("stage=")) out.stage2 = f.number(3) == 2;
  return out;
}

}  // namespace

const qemu_commands::known_opcode* qemu_commands::find_opcode(std::string_view name) {
  static constexpr known_opcode table[] = {
      {"SYNC", cmd::sync, operands::none},
      {"TLBI_NH_VA", cmd::tlbi_nh_va, operands::range},
      {"TLBI_NH_ASID", cmd::tlbi_nh_asid, operands::asid},
      {"TLBI_NH_VAA", cmd::tlbi_nh_vaa, operands::range},
      {"TLBI_S2_IPA", cmd::tlbi_s2_ipa, operands::range},
      {"TLBI_NH_ALL", cmd::tlbi_nh_all, operands::nh_all},
      {"TLBI_NSNH_ALL", cmd::tlbi_nsnh_all, operands::nsnh},
      {"TLBI_S12_VMALL", cmd::tlbi_s12_vmall, operands::s12},
      {"CFGI_STE", cmd::cfgi_ste, operands::ste},
      {"CFGI_STE_RANGE", cmd::cfgi_ste_range, operands::ste_range},
      {"CFGI_CD", cmd::cfgi_cd, operands::cd},
      {"CFGI_CD_ALL", cmd::cfgi_cd_all, operands::cd},
      {"PREFETCH_CONFIG", cmd::prefetch_config, operands::prefetch},
  };
  static constexpr known_opcode unlogged{"", cmd::sync, operands::unlogged};
  for (const known_opcode& k : table) {
    if (k.name == name) return &k;
  }
  return &unlogged;
}

qemu_commands::outcome qemu_commands::read(std::string_view event, text_fields& f,
                                           trace::record& out) {
  constexpr std::string_view prefix = "smmuv3_cmdq_";
  if (event == "smmuv3_range_inval" || event == "smmuv3_s1_range_inval") return read_range(f, out);
  if (event.substr(0, prefix.size()) != prefix) return outcome::not_a_command;
  event.remove_prefix(prefix.size());
  if (event == "consume" || event == "consume_out") return outcome::not_a_command;
  close_range();
  if (event == "opcode") return read_opcode(f, out);
  if (event == "tlbi_nh_asid") {
    f.need("asid=");
    const base::asid asid = to_asid(f.number(max_tag));
    out.command =
        cmd::of_tag(claim(operands::asid, cmd::tlbi_nh_asid), read_optional_vmid(f), asid);
  } else if (event == "tlbi_nh") {
    out.command = cmd::of_tag(claim(operands::nh_all, cmd::tlbi_nh_all), read_optional_vmid(f), {});
  } else if (event == "tlbi_nsnh") {
    out.command = cmd::of_tag(claim(operands::nsnh, cmd::tlbi_nsnh_all), {}, {});
  } else if (event == "tlbi_s12_vmid") {
    out.command = cmd::of_tag(claim(operands::s12, cmd::tlbi_s12_vmall), read_optional_vmid(f), {});
  } else if (event == "cfgi_ste_range") {
    claim(operands::ste_range, cmd::cfgi_ste_range);
    out.command = read_ste_range(f);
  } else if (event == "cfgi_ste") {
    f.need("=");  // "streamid= 0x8", later versions "sid=0x8"
    m_configured = to_sid(f.number(max_sid));
    out.command = cmd::of_stream(claim(operands::ste, cmd::cfgi_ste), m_configured);
  } else if (event == "cfgi_cd") {
    f.need("=");
    out.command = cmd::of_stream(claim(operands::cd, cmd::cfgi_cd), to_sid(f.number(max_sid)));
  } else {
    return outcome::not_a_command;
  }
  return outcome::record;
}

qemu_commands::outcome qemu_commands::read_opcode(text_fields& f, trace::record& out) {
  f.need("<--- ");
  f.take("SMMU_CMD_");
  if (m_opcode != nullptr) ++m_incomplete;
  m_opcode = find_opcode(f.word(' '));
  if (m_opcode->kind == operands::none) {
    out.command = cmd::of_tag(m_opcode->op, {}, {});
  } else if (m_opcode->kind == operands::prefetch) {
    out.command = cmd::of_stream(m_opcode->op, m_configured);
  } else {
    return outcome::nothing;
  }
  m_opcode = nullptr;
  return outcome::record;
}

cmd::opcode qemu_commands::claim(operands kind, cmd::opcode otherwise) {
  if (m_opcode == nullptr) return otherwise;
  const bool mine = m_opcode->kind == kind;
  const cmd::opcode op = mine ? m_opcode->op : otherwise;
  if (!mine) ++m_incomplete;
  m_opcode = nullptr;
  return op;
}

qemu_commands::outcome qemu_commands::read_range(text_fields& f, trace::record& out) {
  const std::size_t start = f.position();
  const range_line line = read_range_line(f);
  if (joins_open_range(line.operands)) {
    m_pieces.push_back(line.operands);
    return outcome::nothing;
  }
  close_range();
  const bool announced = m_opcode != nullptr && m_opcode->kind == operands::range;
  const cmd::opcode unannounced = !line.any_asid ? cmd::tlbi_nh_va
                                  : line.stage2  ? cmd::tlbi_s2_ipa
                                                 : cmd::tlbi_nh_vaa;
  const cmd::opcode op = claim(operands::range, unannounced);
  const auto words = cmd::of_range(op, line.operands);
  if (!words) f.fail_at(start, "no TLBI command names this range");
  out.command = *words;
  if (!announced) return outcome::record;
  m_range_opcode = op;
  m_pieces = {line.operands};
  return outcome::range_opened;
}

bool qemu_commands::joins_open_range(const cmd::range_operands& r) const {
  if (!m_range_open || m_pieces.size() == max_pieces) return false;
  const cmd::range_operands& last = m_pieces.back();
  return last.granule != 0 && r.granule == last.granule && r.vmid == last.vmid &&
         r.asid == last.asid && r.ttl == last.ttl && r.leaf == last.leaf &&
         r.address == last.address + (last.pages << cmd::granule_shift(last.granule));
}

void qemu_commands::open_range(const trace::record& at) {
  m_queue.push_back(at);
  m_range_open = true;
}

void qemu_commands::queue(const trace::record& r) {
  m_queue.push_back(r);
  if (m_queue.size() > max_queue) close_range();
}

// Writes the command into its place, or one for each piece where one cannot name them all.
void qemu_commands::close_range() {
  if (!m_range_open) return;
  m_range_open = false;
  cmd::range_operands whole = m_pieces.front();
  for (std::size_t i = 1; i < m_pieces.size(); ++i) whole.pages += m_pieces[i].pages;
  if (const auto words = cmd::of_range(m_range_opcode, whole)) {
    m_queue.front().command = *words;
    return;
  }
  trace::record r = m_queue.front();
  for (std::size_t i = 1; i < m_pieces.size(); ++i) {
    r.command = cmd::of_range(m_range_opcode, m_pieces[i]).value_or(r.command);
    m_queue.insert(m_queue.begin() + static_cast<std::ptrdiff_t>(i), r);
  }
}

bool qemu_commands::pop(trace::record& out) {
  if (m_range_open || m_queue.empty()) return false;
  out = m_queue.front();
  m_queue.pop_front();
  return true;
}

void qemu_commands::finish() {
  close_range();
  if (m_opcode != nullptr) ++m_incomplete;
  m_opcode = nullptr;
}

}  // namespace svasim::workloads
