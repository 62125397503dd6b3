#include "platforms/scenario/compare.h"

#include <fmt/format.h>

#include "base/error.h"

namespace svasim::scenario {
namespace {

std::string walk_text(const std::vector<fetch>& walk) {
  std::string out;
  for (const fetch& f : walk) {
    out += fmt::format("{}{} {:#x}", out.empty() ? "" : ", ", name(f), f.address);
  }
  return out.empty() ? "none" : out;
}

std::string event_difference(const arch::event& got, const arch::event& want, event_field field) {
  const char* const what = event_field_names[static_cast<std::size_t>(field)];
  const auto word = [&](std::uint64_t g, std::uint64_t w) {
    return g == w ? "" : fmt::format("event {} {:#x} instead of {:#x}", what, g, w);
  };
  const auto text = [&](std::string_view g, std::string_view w) {
    return g == w ? "" : fmt::format("event {} {} instead of {}", what, g, w);
  };
  switch (field) {
    case event_field::type:
      return got.type == want.type ? "" : text(arch::name(got.type), arch::name(want.type));
    case event_field::sid:
      return word(got.sid.value(), want.sid.value());
    case event_field::input_addr:
      return word(got.input_address, want.input_address);
    case event_field::rnw:
      return text(got.read ? "1" : "0", want.read ? "1" : "0");
    case event_field::s2:
      return text(got.stage2 ? "1" : "0", want.stage2 ? "1" : "0");
    case event_field::cls:
      return text(name(got.cls), name(want.cls));
    case event_field::ipa:
      return word(got.ipa, want.ipa);
    case event_field::fetch_addr:
      return word(got.fetch_address, want.fetch_address);
  }
  return {};
}

bool walks_stage2_often(const std::vector<fetch>& walk) {
  bool stage2 = false;
  bool structure_behind = false;
  for (const fetch& f : walk) {
    if (f.kind == arch::fetch_kind::s2_descriptor) {
      if (structure_behind) return true;
      stage2 = true;
    } else {
      structure_behind = stage2;
    }
  }
  return false;
}

std::string outcome_text(arch::outcome result, const arch::event& e) {
  return result == arch::outcome::fault ? fmt::format("fault {}", arch::name(e.type))
                                        : name(result);
}

}  // namespace

std::string difference(const query_answer& a, const expectation& e) {
  if (a.result != e.result) {
    return fmt::format("{} instead of {}", outcome_text(a.result, a.event),
                       outcome_text(e.result, e.event));
  }
  if (a.result == arch::outcome::ok) {
    if (a.pa != e.pa) return fmt::format("pa {:#x} instead of {:#x}", a.pa, e.pa);
    if (!e.kind.empty() && e.kind != arch::name(a.kind)) {
      return fmt::format("kind {} instead of {}", arch::name(a.kind), e.kind);
    }
  }
  if (a.result == arch::outcome::fault) {
    for (const event_field f : e.check) {
      std::string d = event_difference(a.event, e.event, f);
      if (!d.empty()) return d;
    }
  }
  return {};
}

std::string difference(const query_answer& a, const step& s) {
  std::string first;
  for (const expectation& e : s.acceptable) {
    std::string d = difference(a, e);
    if (d.empty()) return {};
    if (first.empty()) first = std::move(d);
  }
  return first;
}

std::string difference(const command_answer& a, const step& s) {
  if (!s.has_expected || (a.consumed == s.consumed && a.cmdq_err == s.cmdq_err &&
                          a.gerror_cmdq_err == s.gerror_cmdq_err)) {
    return {};
  }
  const auto text = [](bool consumed, unsigned error, bool gerror) {
    return fmt::format("consumed {}, cmdq_err {}, gerror_cmdq_err {}", consumed, error, gerror);
  };
  return fmt::format("{} instead of {}", text(a.consumed, a.cmdq_err, a.gerror_cmdq_err),
                     text(s.consumed, s.cmdq_err, s.gerror_cmdq_err));
}

std::string walk_difference(const query_answer& a, const step& s, bool cold) {
  if (!s.has_walk || a.walk == s.walk) return {};
  if (!cold) {
    std::size_t found = 0;
    for (const fetch& f : s.walk) {
      if (found < a.walk.size() && a.walk[found] == f) ++found;
    }
    if (found == a.walk.size()) return {};
  }
  return fmt::format("walk {} instead of {}", walk_text(a.walk), walk_text(s.walk));
}

std::string comparison::told(const scenario& s, std::size_t step, const std::string& what) {
  if (what.empty()) return {};
  ++m_totals.differences;
  return base::printable(fmt::format("{} step {}: {}", s.id, step, what)) + "\n";
}

std::string comparison::query(const scenario& s, std::size_t step, const query_answer& a) {
  const auto& at = s.steps[step];
  const bool cold = m_always_cold || (m_cold && !walks_stage2_often(at.walk));
  m_cold = false;
  ++m_totals.queries;
  m_totals.walks += at.has_walk && cold;
  return told(s, step, difference(a, at)) + told(s, step, walk_difference(a, at, cold));
}

std::string comparison::command(const scenario& s, std::size_t step, const command_answer& a) {
  ++m_totals.commands;
  return told(s, step, difference(a, s.steps[step]));
}

comparison::totals& comparison::totals::operator+=(const totals& o) {
  queries += o.queries;
  commands += o.commands;
  walks += o.walks;
  differences += o.differences;
  return *this;
}

std::string comparison::totals::text() const {
  return fmt::format("{} queries, {} commands, {} cold walks: {} differences", queries, commands,
                     walks, differences);
}

}  // namespace svasim::scenario
