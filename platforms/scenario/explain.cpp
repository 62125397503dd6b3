#include "platforms/scenario/explain.h"

#include <fmt/format.h>

#include <algorithm>

#include "arch/translate.h"
#include "base/bits.h"
#include "base/error.h"
#include "platforms/scenario/answer.h"
#include "platforms/scenario/explain_reason.h"
#include "platforms/scenario/untimed.h"

namespace svasim::scenario {
namespace {

constexpr const char* indent = "       ";

table_format format_of(const arch::translation_walk& walk) {
  if (walk.fetch().kind == arch::fetch_kind::s2_descriptor) {
    return {walk.config().s2.granule_shift, walk.config().s2.wide};
  }
  const arch::stage1_half& h = walk.config().half[base::bit(walk.request().address, 55)];
  return {h.granule_shift, h.wide};
}

std::string decoded(const fetched& f) {
  switch (f.at.kind) {
    case arch::fetch_kind::l1std:
      return fields_of_l1std(f.words[0], indent);
    case arch::fetch_kind::ste:
      return fields_of_ste(f.words, indent);
    case arch::fetch_kind::l1cd:
      return fields_of_l1cd(f.words[0], indent);
    case arch::fetch_kind::cd:
      return fields_of_cd(f.words, indent);
    case arch::fetch_kind::s1_descriptor:
      return fields_of_descriptor(f.words[0], arch::stage::s1, f.at.level, f.format, indent);
    case arch::fetch_kind::s2_descriptor:
      return fields_of_descriptor(f.words[0], arch::stage::s2, f.at.level, f.format, indent);
  }
  return {};
}

std::string told(const fetched& f, std::size_t number) {
  std::string out = fmt::format("  {:>3}. {} at {:#x}", number, name(f.at), f.at.address);
  if (f.aborted) return out + ": external abort\n";
  const unsigned words = f.bytes / 8;
  if (words == 1) return out + fmt::format(": {:016x}\n", f.words[0]) + decoded(f);
  out += "\n";
  for (unsigned i = 0; i < words; ++i) {
    out +=
        fmt::format("{}{:016x}{}", i % 4 == 0 ? indent : " ", f.words[i], i % 4 == 3 ? "\n" : "");
  }
  return out + decoded(f);
}

std::string outcome_text(const arch::translation_result& r) {
  switch (r.outcome) {
    case arch::outcome::ok:
      return fmt::format("ok, {:#x} ({})", r.output.value(), arch::name(r.entry.kind));
    case arch::outcome::fault:
      return "fault";
    case arch::outcome::abort:
      break;
  }
  return "abort";
}

std::string explain_query(scenario& s, const arch::register_view& regs,
                          const arch::access_request& request) {
  arch::translation_walk walk;
  std::vector<fetched> fetches;
  const auto read = [&](const arch::fetch_request& f, std::uint64_t* words) {
    fetched& now = fetches.emplace_back();
    now.at = fetch_of(f);
    now.bytes = f.size;
    now.format = format_of(walk);
    now.aborted = !s.in_ram(f.address.value(), f.size);
    if (now.aborted) return false;
    s.memory.read(f.address, now.words.data(), f.size);
    std::copy(now.words.begin(), now.words.begin() + f.size / 8, words);
    return true;
  };
  const auto update = [&](const arch::fetch_request& f, const arch::descriptor_update& u,
                          std::uint64_t& found) {
    return compare_and_swap(s, f.address, u, found);
  };
  walk.start(regs, request);
  arch::run(walk, read, update);
  std::string out;
  for (std::size_t i = 0; i < fetches.size(); ++i) out += told(fetches[i], i + 1);
  return out +
         fmt::format("  => {}: {}\n", outcome_text(walk.result()), reason(walk, regs, fetches));
}

std::string explain_command(const arch::command_words& words, const arch::register_view& regs) {
  const arch::command c = arch::decode_command(words);
  const command_answer a = check(words, regs);
  const char* const fate = a.consumed          ? "consumed"
                           : a.gerror_cmdq_err ? "CERROR_ILL, the queue stops"
                                               : "not read, CR0.CMDQEN = 0";
  return fmt::format("{}: {}\n", arch::name(c.op), fate);
}

}  // namespace

std::string explain(scenario& s) {
  const arch::register_view regs(s.registers);
  std::string out;
  for (std::size_t i = 0; i < s.steps.size(); ++i) {
    const step& at = s.steps[i];
    const std::string where = base::printable(fmt::format("{} step {}: ", s.id, i));
    if (at.kind == step_kind::query) {
      const arch::access_request& r = at.request;
      out += fmt::format("{}StreamID {}{} {} {:#x}\n", where, r.sid.value(),
                         r.has_ssid ? fmt::format(" SubstreamID {}", r.ssid.value()) : "",
                         r.write ? "writes" : "reads", r.address);
      out += explain_query(s, regs, r);
    } else if (at.kind == step_kind::command) {
      out += where + explain_command(at.command, regs);
    } else {
      for (const auto& [address, word] : at.words) {
        s.memory.write64(base::pa(address), word);
        out += fmt::format("{}memory at {:#x} becomes {:016x}\n", where, address, word);
      }
    }
  }
  return out;
}

}  // namespace svasim::scenario
