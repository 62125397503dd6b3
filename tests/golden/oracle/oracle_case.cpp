#include "oracle_case.h"

#include <fmt/format.h>
#include <zlib.h>

#include <nlohmann/json.hpp>
#include <stdexcept>

namespace svasim::oracle {

using nlohmann::json;

namespace {
std::uint64_t number(const json& j) {
  return j.is_string() ? std::stoull(j.get<std::string>(), nullptr, 16) : j.get<std::uint64_t>();
}
std::uint32_t number32(const json& j) {
  return static_cast<std::uint32_t>(number(j));
}

std::vector<std::string> read_lines(const std::string& path) {
  const gzFile file = gzopen(path.c_str(), "rb");
  if (file == nullptr) {
    throw std::runtime_error("cannot open " + path);
  }
  std::string all;
  std::vector<char> buffer(1u << 16);
  int n = 0;
  while ((n = gzread(file, buffer.data(), static_cast<unsigned>(buffer.size()))) > 0) {
    all.append(buffer.data(), static_cast<std::size_t>(n));
  }
  gzclose(file);
  if (n < 0) {
    throw std::runtime_error("cannot read " + path);
  }
  std::vector<std::string> lines;
  for (std::size_t begin = 0; begin < all.size();) {
    const std::size_t end = std::min(all.find('\n', begin), all.size());
    lines.push_back(all.substr(begin, end - begin));
    begin = end + 1;
  }
  return lines;
}

arch::event read_event(const json& j) {
  arch::event e;
  e.type = static_cast<arch::event_type>(number(j.at("type")));
  e.sid = base::stream_id(number32(j.at("sid")));
  if (j.contains("input_addr")) {
    e.input_address = number(j["input_addr"]);
  }
  e.read = j.value("rnw", 0) != 0;
  e.stage2 = j.value("s2", 0) != 0;
  const std::string cls = j.value("cls", "CD");
  e.cls = cls == "IN"   ? arch::event_class::input
          : cls == "TT" ? arch::event_class::table
                        : arch::event_class::cd;
  if (j.contains("ipa")) {
    e.ipa = number(j["ipa"]);
  }
  if (j.contains("fetch_addr")) {
    e.fetch_address = number(j["fetch_addr"]);
  }
  return e;
}

expectation read_expectation(const json& j) {
  expectation e;
  e.result = j.at("result");
  if (j.contains("pa")) {
    e.pa = number(j["pa"]);
  }
  e.kind = j.value("kind", "");
  e.suppressed = j.value("suppressed", "");
  if (j.contains("event")) {
    e.event = read_event(j["event"]);
    e.check = j.at("check").get<std::vector<std::string>>();
  }
  return e;
}

void read_query(const json& j, step& s) {
  s.kind = step_kind::query;
  s.request.sid = base::stream_id(number32(j.at("sid")));
  s.request.address = number(j.at("iova"));
  s.request.write = j.at("rw") == "w";
  s.acceptable.push_back(read_expectation(j.at("expected")));
  for (const auto& other : j.value("also_ok", json::array())) {
    s.acceptable.push_back(read_expectation(other));
  }
  s.required = j.value("coherence", "required") == "required";
  s.has_walk = j.contains("walk");
  for (const auto& fetch : j.value("walk", json::array())) {
    s.walk.emplace_back(fetch.at(0).get<std::string>(), number(fetch.at(1)));
  }
}

arch::command_words read_command(const std::string& hex) {
  arch::command_words words{};
  for (unsigned i = 0; i < 16; ++i) {
    const std::uint64_t byte = std::stoull(hex.substr(2 * i, 2), nullptr, 16);
    words[i / 8] |= byte << (8 * (i % 8));
  }
  return words;
}

step read_step(const json& j) {
  step s;
  const std::string op = j.at("op");
  if (op == "query") {
    read_query(j, s);
  } else if (op == "mem_write") {
    s.kind = step_kind::memory_write;
    for (const auto& word : j.at("words")) {
      s.words.emplace_back(number(word.at(0)), number(word.at(1)));
    }
  } else if (op == "command") {
    s.kind = step_kind::command;
    s.command = read_command(j.at("hex"));
    s.consumed = j.at("expected").at("consumed");
    s.cmdq_err = j.at("expected").at("cmdq_err");
  } else {
    throw std::runtime_error("unknown step " + op);
  }
  return s;
}

test_case read_case(const json& j) {
  test_case c;
  c.id = j.at("id");
  c.category = j.at("category");
  const json& idr = j.at("idr");
  const json& regs = j.at("registers");
  c.registers.idr0 = number32(idr.at("IDR0"));
  c.registers.idr1 = number32(idr.at("IDR1"));
  c.registers.idr3 = number32(idr.at("IDR3"));
  c.registers.idr5 = number32(idr.at("IDR5"));
  c.registers.cr0 = number32(regs.at("CR0"));
  c.registers.cr2 = number32(regs.at("CR2"));
  c.registers.gbpa = number32(regs.at("GBPA"));
  c.registers.strtab_base = number(regs.at("STRTAB_BASE"));
  c.registers.strtab_base_cfg = number32(regs.at("STRTAB_BASE_CFG"));
  for (const auto& range : j.at("ram")) {
    c.ram.emplace_back(number(range.at(0)), number(range.at(1)));
  }
  for (const auto& run : j.at("memory")) {
    const base::pa at(number(run.at(0)));
    for (std::size_t i = 1; i < run.size(); ++i) {
      c.memory.write64(at + 8 * (i - 1), number(run.at(i)));
    }
  }
  for (const auto& s : j.at("steps")) {
    c.steps.push_back(read_step(s));
  }
  return c;
}

std::string event_difference(const arch::event& e, const expectation& want) {
  const auto same = [&](const std::string& field) {
    if (field == "type") {
      return e.type == want.event.type;
    }
    if (field == "sid") {
      return e.sid == want.event.sid;
    }
    if (field == "input_addr") {
      return e.input_address == want.event.input_address;
    }
    if (field == "rnw") {
      return e.read == want.event.read;
    }
    if (field == "s2") {
      return e.stage2 == want.event.stage2;
    }
    if (field == "cls") {
      return e.cls == want.event.cls;
    }
    if (field == "ipa") {
      return e.ipa == want.event.ipa;
    }
    if (field == "fetch_addr") {
      return e.fetch_address == want.event.fetch_address;
    }
    throw std::runtime_error("unknown event field " + field);
  };
  for (const auto& field : want.check) {
    if (!same(field)) {
      return fmt::format("event field {} differs: {} instead of {}", field, arch::name(e.type),
                         arch::name(want.event.type));
    }
  }
  return {};
}
}  // namespace

bool test_case::in_ram(std::uint64_t address, std::uint64_t size) const {
  for (const auto& [first, bytes] : ram) {
    if (address >= first && address - first < bytes && size <= bytes - (address - first)) {
      return true;
    }
  }
  return false;
}

std::vector<test_case> load(const std::string& path) {
  std::vector<test_case> cases;
  for (const auto& line : read_lines(path)) {
    cases.push_back(read_case(json::parse(line)));
  }
  return cases;
}

std::string difference(const arch::translation_result& r, const expectation& e) {
  constexpr const char* names[] = {"ok", "fault", "abort"};
  const std::string got = names[static_cast<std::size_t>(r.outcome)];
  if (got != e.result) {
    return fmt::format("{} ({}) instead of {}", got, arch::name(r.event.type), e.result);
  }
  if (r.outcome == arch::outcome::fault) {
    return event_difference(r.event, e);
  }
  if (r.outcome == arch::outcome::ok) {
    if (r.output.value() != e.pa) {
      return fmt::format("output {:#x} instead of {:#x}", r.output.value(), e.pa);
    }
    if (!e.kind.empty() && arch::name(r.entry.kind) != e.kind) {
      return fmt::format("kind {} instead of {}", arch::name(r.entry.kind), e.kind);
    }
    return {};
  }
  const std::string suppressed =
      r.event.type == arch::event_type::none ? "" : std::string(arch::name(r.event.type));
  return suppressed == e.suppressed
             ? ""
             : fmt::format("suppressed '{}' instead of '{}'", suppressed, e.suppressed);
}

std::string difference(const arch::translation_result& r, const step& s) {
  std::string first;
  for (const auto& e : s.acceptable) {
    std::string d = difference(r, e);
    if (d.empty()) {
      return {};
    }
    if (first.empty()) {
      first = std::move(d);
    }
  }
  return first;
}

}  // namespace svasim::oracle
