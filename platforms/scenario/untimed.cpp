#include "platforms/scenario/untimed.h"

#include "arch/translate.h"

namespace svasim::scenario {

bool compare_and_swap(scenario& s, base::pa at, const arch::descriptor_update& u,
                      std::uint64_t& found) {
  if (!s.in_ram(at.value(), sizeof found)) return false;
  found = s.memory.read64(at);
  if (found == u.expected) s.memory.write64(at, u.desired);
  return true;
}

query_answer answer_of(const arch::translation_result& r) {
  query_answer a;
  a.result = r.outcome;
  a.pa = r.output.value();
  a.kind = r.entry.kind;
  a.event = r.event;
  return a;
}

query_answer translate(scenario& s, const arch::register_view& regs,
                       const arch::access_request& request) {
  std::vector<fetch> walk;
  const auto read = [&](const arch::fetch_request& f, std::uint64_t* words) {
    walk.push_back(fetch_of(f));
    if (!s.in_ram(f.address.value(), f.size)) return false;  // an external abort
    s.memory.read(f.address, words, f.size);
    return true;
  };
  const auto update = [&](const arch::fetch_request& f, const arch::descriptor_update& u,
                          std::uint64_t& found) {
    return compare_and_swap(s, f.address, u, found);
  };
  query_answer a = answer_of(arch::translate(regs, read, update, request));
  a.walk = std::move(walk);
  return a;
}

command_answer check(const arch::command_words& command, const arch::register_view& regs) {
  if (!regs.cmdq_enabled) return {};
  const arch::command_error error = arch::check(arch::decode_command(command), regs.caps);
  const bool good = error == arch::command_error::none;
  return {good, static_cast<unsigned>(error), !good};
}

void translate(scenario& s, const answer_sink& out) {
  const arch::register_view regs(s.registers);
  for (std::size_t i = 0; i < s.steps.size(); ++i) {
    const step& at = s.steps[i];
    switch (at.kind) {
      case step_kind::query:
        out.query(i, translate(s, regs, at.request));
        break;
      case step_kind::memory_write:
        for (const auto& [address, word] : at.words) s.memory.write64(base::pa(address), word);
        break;
      case step_kind::command:
        out.command(i, check(at.command, regs));
        break;
    }
  }
}

}  // namespace svasim::scenario
