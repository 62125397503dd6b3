// What an SMMU answers to the steps of a scenario, and the answers as lines of JSON.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "arch/event.h"
#include "arch/translation.h"
#include "platforms/scenario/scenario.h"

namespace svasim::scenario {

/// To a query. With abort `event` is the one that was kept from being recorded, where that can be
/// known from outside the SMMU; else its type is none.
struct query_answer {
  arch::outcome result = arch::outcome::abort;
  std::uint64_t pa = 0;                                          ///< with ok
  arch::translation_kind kind = arch::translation_kind::bypass;  ///< with ok
  arch::event event;
  std::vector<fetch> walk;  ///< reads made for it, in order
};

/// To a command.
struct command_answer {
  bool consumed = false;
  unsigned cmdq_err = 0;         ///< CMDQ_CONS.ERR
  bool gerror_cmdq_err = false;  ///< GERROR.CMDQ_ERR differs from GERRORN
};

/// Gets the answers in the order of the steps; a memory_write has none.
struct answer_sink {
  std::function<void(std::size_t step, const query_answer&)> query;
  std::function<void(std::size_t step, const command_answer&)> command;
};

/// "ok", "fault", "abort".
const char* name(arch::outcome result);
/// "CD", "TT", "IN".
const char* name(arch::event_class cls);
/// The fields that the event's type has (IHI 0070 section 7.3), `type` and `sid` first.
std::vector<event_field> fields_of(const arch::event& e);

/// One line of JSON without line feed: {"id","step","result",["pa","kind"|"event",]"walk"}.
std::string json_line(const std::string& id, std::size_t step, const query_answer& a);
/// {"id","step","consumed","cmdq_err","gerror_cmdq_err"}.
std::string json_line(const std::string& id, std::size_t step, const command_answer& a);

}  // namespace svasim::scenario
