// The architectural answers to a scenario: no time, no caches, so only the current tables and
// structures count and every walk is a cold one. A command is decoded and checked; what it
// invalidates is not cached here.
#pragma once

#include "platforms/scenario/answer.h"

namespace svasim::scenario {

/// Carries out the steps in order; `s.memory` changes with them.
void translate(scenario& s, const answer_sink& out);

/// A result in the form of an answer, without its walk.
query_answer answer_of(const arch::translation_result& r);

/// One query on its own; hardware updates of descriptors (HTTU) change `s.memory`.
query_answer translate(scenario& s, const arch::register_view& regs,
                       const arch::access_request& request);

/// A hardware update of the descriptor at `at`: false for an external abort, else `found` is what
/// was there.
bool compare_and_swap(scenario& s, base::pa at, const arch::descriptor_update& u,
                      std::uint64_t& found);

/// What becomes of a command that finds the queue empty.
command_answer check(const arch::command_words& command, const arch::register_view& regs);

}  // namespace svasim::scenario
