#include "platforms/scenario/case_parser.h"

#include <fmt/format.h>
#include <tsl/robin_set.h>

#include "platforms/scenario/reader.h"

namespace svasim::scenario {
namespace {

using describe::json_value;

/// What the words of a case may take of memory.
class page_budget {
 public:
  explicit page_budget(const origin& from) : m_from(from) {}

  /// The address of a word that is to be written.
  std::uint64_t word_address(const json_value& v) {
    const std::uint64_t address = word_of(m_from, v, "an address");
    check(v, address);
    return address;
  }
  void check(const json_value& v, std::uint64_t address) {
    if (address % 8 != 0) {
      m_from.fail(v.at, fmt::format("{:#x} is not 8-byte aligned", address));
    }
    m_pages.insert(address >> 12);
    if (m_pages.size() > reader::max_pages) {
      m_from.fail(v.at,
                  fmt::format("the case touches more than {} pages of 4 KiB", reader::max_pages));
    }
  }

 private:
  const origin& m_from;
  tsl::robin_set<std::uint64_t> m_pages;
};

void read_idr(const origin& from, const json_value& v, arch::registers& r) {
  const object_fields o(from, v, "idr");
  o.only({"IDR0", "IDR1", "IDR2", "IDR3", "IDR4", "IDR5", "IIDR", "AIDR"});
  r.idr0 = word32_of(from, o.need("IDR0"), "IDR0");
  r.idr1 = word32_of(from, o.need("IDR1"), "IDR1");
  r.idr3 = word32_of(from, o.need("IDR3"), "IDR3");
  r.idr5 = word32_of(from, o.need("IDR5"), "IDR5");
}

void read_registers(const origin& from, const json_value& v, scenario& s) {
  const object_fields o(from, v, "registers");
  o.only(
      {"CR0", "CR1", "CR2", "GBPA", "STRTAB_BASE", "STRTAB_BASE_CFG", "CMDQ_BASE", "EVENTQ_BASE"});
  arch::registers& r = s.registers;
  const auto optional32 = [&](const char* name) {
    const json_value* found = o.find(name);
    return found == nullptr ? 0 : word32_of(from, *found, name);
  };
  r.cr0 = word32_of(from, o.need("CR0"), "CR0");
  optional32("CR1");  // attributes of table and queue accesses: no effect on results
  r.cr2 = optional32("CR2");
  r.gbpa = optional32("GBPA");
  r.strtab_base = word_of(from, o.need("STRTAB_BASE"), "STRTAB_BASE");
  r.strtab_base_cfg = word32_of(from, o.need("STRTAB_BASE_CFG"), "STRTAB_BASE_CFG");
  const arch::idr caps(r);
  if (const json_value* q = o.find("CMDQ_BASE")) {
    s.command_queue = decode_queue_base(word_of(from, *q, "CMDQ_BASE"), 4, caps.cmdq_bits);
  }
  if (const json_value* q = o.find("EVENTQ_BASE")) {
    s.event_queue = decode_queue_base(word_of(from, *q, "EVENTQ_BASE"), 5, caps.eventq_bits);
  }
}

void read_ram(const origin& from, const json_value& v, scenario& s) {
  for (const json_value& range : array_of(from, v, "ram")) {
    const auto& pair = array_of(from, range, "a range of ram", 2, 2);
    const std::uint64_t first = word_of(from, pair[0], "the base of ram");
    const std::uint64_t bytes = word_of(from, pair[1], "the size of ram");
    if (bytes != 0 && first + (bytes - 1) < first) {
      from.fail(range.at, "the range of ram passes the end of the address space");
    }
    s.ram.emplace_back(first, bytes);
  }
}

void read_memory(const origin& from, const json_value& v, page_budget& budget, scenario& s) {
  for (const json_value& run : array_of(from, v, "memory")) {
    const auto& words = array_of(from, run, "a run of memory", 1);
    std::uint64_t at = budget.word_address(words[0]);
    for (std::size_t i = 1; i < words.size(); ++i, at += 8) {
      if (i > 1 && at == 0) from.fail(words[i].at, "the run passes the end of the address space");
      budget.check(words[i], at);
      s.memory.write64(base::pa(at), word_of(from, words[i], "a word"));
    }
  }
}

arch::event read_event(const origin& from, const json_value& v) {
  const object_fields o(from, v, "the event");
  o.only({"type", "name", "sid", "ssid", "input_addr", "rnw", "s2", "cls", "ipa", "fetch_addr",
          "hex"});
  arch::event e;
  e.type = static_cast<arch::event_type>(count_of(from, o.need("type"), "type", 0xff));
  const auto count = [&](const char* key, std::uint64_t most) {
    const json_value* found = o.find(key);
    return found == nullptr ? 0 : count_of(from, *found, key, most);
  };
  const auto word = [&](const char* key) {
    const json_value* found = o.find(key);
    return found == nullptr ? 0 : word_of(from, *found, key);
  };
  e.sid = base::stream_id(static_cast<std::uint32_t>(count("sid", 0xffffffff)));
  e.input_address = word("input_addr");
  e.read = count("rnw", 1) != 0;
  e.stage2 = count("s2", 1) != 0;
  if (const json_value* cls = o.find("cls")) {
    e.cls = static_cast<arch::event_class>(choice_of(from, *cls, "cls", {"CD", "TT", "IN"}));
  }
  e.ipa = word("ipa");
  e.fetch_address = word("fetch_addr");
  return e;
}

std::vector<event_field> read_check(const origin& from, const json_value& v) {
  std::vector<event_field> out;
  for (const json_value& field : array_of(from, v, "check")) {
    out.push_back(static_cast<event_field>(
        choice_of(from, field, "a field to check",
                  {"type", "sid", "input_addr", "rnw", "s2", "cls", "ipa", "fetch_addr"})));
  }
  return out;
}

/// Without `check` every field that the expected event shows counts.
std::vector<event_field> fields_of(const json_value& event) {
  std::vector<event_field> out;
  for (std::size_t i = 0; i < std::size(event_field_names); ++i) {
    if (event.find(event_field_names[i]) != nullptr) out.push_back(static_cast<event_field>(i));
  }
  return out;
}

expectation read_expectation(const origin& from, const json_value& v) {
  const object_fields o(from, v, "an expected outcome");
  o.only({"result", "pa", "kind", "event", "check", "suppressed"});
  expectation e;
  e.result = static_cast<arch::outcome>(
      choice_of(from, o.need("result"), "result", {"ok", "fault", "abort"}));
  if (e.result == arch::outcome::ok) {
    e.pa = word_of(from, o.need("pa"), "pa");
    if (const json_value* kind = o.find("kind")) e.kind = string_of(from, *kind, "kind");
  }
  if (const json_value* event = o.find("suppressed")) {
    e.suppressed = string_of(from, *event, "suppressed");
  }
  if (e.result == arch::outcome::fault) {
    const json_value& event = o.need("event");
    e.event = read_event(from, event);
    const json_value* check = o.find("check");
    e.check = check == nullptr ? fields_of(event) : read_check(from, *check);
  }
  return e;
}

void read_walk(const origin& from, const json_value& v, step& s) {
  s.has_walk = true;
  for (const json_value& f : array_of(from, v, "walk")) {
    const auto& pair = array_of(from, f, "a fetch", 2, 2);
    fetch& out = s.walk.emplace_back();
    if (!parse_fetch_name(string_of(from, pair[0], "the kind of a fetch"), out)) {
      from.fail(pair[0].at, fmt::format("the kind of a fetch must be L1STD, STE, L1CD, CD, S1L0 to "
                                        "S1L3 or S2L0 to S2L3, not {}",
                                        shown(pair[0])));
    }
    out.address = word_of(from, pair[1], "the address of a fetch");
  }
}

void read_query(const origin& from, const json_value& v, step& s) {
  const object_fields o(from, v, "a query");
  o.only({"op", "sid", "ssid", "iova", "rw", "expected", "also_ok", "coherence", "reference",
          "deviation", "data", "walk"});
  s.request.sid =
      base::stream_id(static_cast<std::uint32_t>(count_of(from, o.need("sid"), "sid", 0xffffffff)));
  if (const json_value* ssid = o.find("ssid")) {
    s.request.has_ssid = true;
    s.request.ssid =
        base::substream_id(static_cast<std::uint32_t>(count_of(from, *ssid, "ssid", 0xfffff)));
  }
  s.request.address = word_of(from, o.need("iova"), "iova");
  s.request.write = choice_of(from, o.need("rw"), "rw", {"r", "w"}) == 1;
  if (const json_value* expected = o.find("expected")) {
    s.acceptable.push_back(read_expectation(from, *expected));
    if (const json_value* others = o.find("also_ok")) {
      for (const json_value& other : array_of(from, *others, "also_ok")) {
        s.acceptable.push_back(read_expectation(from, other));
      }
    }
  }
  if (const json_value* c = o.find("coherence")) {
    choice_of(from, *c, "coherence", {"required", "permitted"});
  }
  if (const json_value* walk = o.find("walk")) read_walk(from, *walk, s);
}

void read_command(const origin& from, const json_value& v, step& s) {
  const object_fields o(from, v, "a command");
  o.only({"op", "hex", "decoded", "expected"});
  s.kind = step_kind::command;
  const json_value& hex = o.need("hex");
  const std::string digits = string_of(from, hex, "hex");
  if (digits.size() != 32 ||
      digits.find_first_not_of("0123456789abcdefABCDEF") != std::string::npos) {
    from.fail(hex.at, fmt::format("hex must be 32 hexadecimal digits, not {}", shown(hex)));
  }
  for (unsigned i = 0; i < 16; ++i) {  // byte 0 first
    const std::uint64_t byte = std::stoul(digits.substr(2 * i, 2), nullptr, 16);
    s.command[i / 8] |= byte << (8 * (i % 8));
  }
  const json_value* expected = o.find("expected");
  if (expected == nullptr) return;
  const object_fields e(from, *expected, "what is expected of a command");
  e.only({"consumed", "cmdq_err", "gerror_cmdq_err"});
  s.has_expected = true;
  s.consumed = boolean_of(from, e.need("consumed"), "consumed");
  s.cmdq_err = static_cast<unsigned>(count_of(from, e.need("cmdq_err"), "cmdq_err", 127));
  s.gerror_cmdq_err = boolean_of(from, e.need("gerror_cmdq_err"), "gerror_cmdq_err");
}

void read_write(const origin& from, const json_value& v, page_budget& budget, step& s) {
  const object_fields o(from, v, "a mem_write");
  o.only({"op", "words"});
  s.kind = step_kind::memory_write;
  for (const json_value& word : array_of(from, o.need("words"), "words")) {
    const auto& pair = array_of(from, word, "a word of a mem_write", 2, 2);
    const std::uint64_t address = budget.word_address(pair[0]);
    s.words.emplace_back(address, word_of(from, pair[1], "a word"));
  }
}

step read_step(const origin& from, const json_value& v, page_budget& budget) {
  const object_fields o(from, v, "a step");
  step s;
  switch (choice_of(from, o.need("op"), "op", {"query", "mem_write", "command"})) {
    case 0:
      read_query(from, v, s);
      break;
    case 1:
      read_write(from, v, budget, s);
      break;
    default:
      read_command(from, v, s);
      break;
  }
  return s;
}

}  // namespace

scenario parse_case(const origin& from, const json_value& v) {
  const object_fields o(from, v, "a case");
  o.only({"id", "category", "notes", "idr", "ram", "registers", "memory", "steps", "deviations"});
  scenario s;
  s.id = string_of(from, o.need("id"), "id");
  if (const json_value* category = o.find("category")) {
    s.category = string_of(from, *category, "category");
  }
  read_idr(from, o.need("idr"), s.registers);
  read_ram(from, o.need("ram"), s);
  read_registers(from, o.need("registers"), s);
  page_budget budget(from);
  read_memory(from, o.need("memory"), budget, s);
  for (const json_value& st : array_of(from, o.need("steps"), "steps")) {
    s.steps.push_back(read_step(from, st, budget));
  }
  return s;
}

}  // namespace svasim::scenario
