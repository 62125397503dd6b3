#include "tlm/cpu/scheduler.h"

#include <fmt/format.h>
#include <algorithm>
#include <stdexcept>

#include "tlm/kit/time.h"

namespace svasim::cpu {

scheduler::scheduler(const scheduling_params& params, stats::group* parent, const std::string& name)
    : m_scheduling(params), m_scheduler_stats(parent, name) {}

processor& scheduler::add_processor(time_source& source) {
  const auto index = static_cast<unsigned>(m_processors.size());
  m_processors.push_back(std::make_unique<processor>(*this, index, source, &m_scheduler_stats));
  return *m_processors.back();
}

thread& scheduler::make_thread(const kit::task_options& options, level l) {
  if (options.cpu && *options.cpu >= cpus()) {
    throw std::invalid_argument(
        fmt::format("{}: there is no processor {}", options.name, *options.cpu));
  }
  for (const auto& t : m_threads) {
    if (t->name() == options.name) {
      throw std::invalid_argument(fmt::format("{}: there is such a thread already", options.name));
    }
  }
  m_threads.push_back(std::make_unique<thread>(*this, options, l));
  thread& t = *m_threads.back();
  if (options.cpu) t.m_processor = m_processors[*options.cpu].get();
  return t;
}

thread& scheduler::spawn(const kit::task_options& options, std::function<void(kit::task&)> body) {
  static constexpr level levels[] = {level::realtime, level::normal, level::background};
  thread& t = make_thread(options, levels[static_cast<std::size_t>(options.priority)]);
  sc_core::sc_spawn(
      [&t, run = std::move(body)] {
        run(t);
        t.leave();
      },
      sc_core::sc_gen_unique_name("task"));
  return t;
}

unsigned scheduler::add_interrupt(const char* name, kit::actor who, unsigned cpu,
                                  std::function<void(kit::task&)> handler) {
  kit::task_options options;
  options.name = name;
  options.who = who;
  options.cpu = cpu;
  auto line = std::make_unique<interrupt_line>();
  line->handler_thread = &make_thread(options, level::interrupt);
  line->where = m_processors[cpu].get();
  line->handler = std::move(handler);
  sc_core::sc_spawn([this, &l = *line] { serve(l); }, sc_core::sc_gen_unique_name("interrupt"));
  m_interrupts.push_back(std::move(line));
  return static_cast<unsigned>(m_interrupts.size() - 1);
}

thread& scheduler::own(kit::task& t) const {
  auto* const mine = dynamic_cast<thread*>(&t);
  if (mine == nullptr || &mine->m_scheduler != this) {
    throw std::logic_error(t.name() + ": no thread of " + m_scheduler_stats.name());
  }
  return *mine;
}

void scheduler::interrupt(unsigned number) {
  interrupt_line& line = *m_interrupts.at(number);
  if (line.pending) {
    m_scheduler_stats.merged += 1;
    return;
  }
  line.pending = true;
  if (line.active) return;
  line.active = true;
  line.handler_thread->m_queued = true;
  line.where->enqueue(*line.handler_thread);
}

// One that came again goes behind others that wait.
void scheduler::serve(interrupt_line& line) {
  thread& t = *line.handler_thread;
  for (;;) {
    t.wait_for_grant();
    t.m_debt += m_scheduling.irq_entry;
    t.acquire();
    line.pending = false;
    m_scheduler_stats.interrupts += 1;
    line.handler(t);
    line.active = false;
    t.leave();
    if (!line.pending) continue;
    line.active = true;
    t.m_queued = true;
    line.where->enqueue(t);
  }
}

processor* scheduler::vacant() const {
  for (const auto& p : m_processors) {
    if (p->vacant()) return p.get();
  }
  return nullptr;
}

processor& scheduler::place(const thread& t) const {
  if (t.m_pinned || (t.m_processor != nullptr && t.m_processor->vacant())) return *t.m_processor;
  if (processor* p = vacant()) return *p;
  processor* best = t.m_processor != nullptr ? t.m_processor : m_processors.front().get();
  for (const auto& p : m_processors) {
    if (p->load() < best->load()) best = p.get();
  }
  return *best;
}

thread* scheduler::waits_elsewhere(const processor& idle) const {
  const processor* longest = nullptr;
  thread* found = nullptr;
  for (const auto& p : m_processors) {
    if (p.get() == &idle || (longest != nullptr && p->load() <= longest->load())) continue;
    if (thread* t = p->movable()) {
      longest = p.get();
      found = t;
    }
  }
  return found;
}

}  // namespace svasim::cpu
