// The task that sets things up before time starts, as firmware and boot did: rings filled, tables
// written. Its accesses reach memory at once and cost nothing.
//
// Leaves out: sleeping and device registers, which are defects of who calls them.
#pragma once

#include <functional>
#include <optional>
#include <stdexcept>
#include <string>
#include <utility>

#include "base/sparse_memory.h"
#include "tlm/kit/task.h"

namespace svasim::kit {

class setup_task final : public task {
 public:
  /// `where` leads an address of the task's machine to memory.
  setup_task(base::sparse_memory& memory,
             std::function<std::optional<base::pa>(std::uint64_t)> where)
      : m_memory(memory), m_where(std::move(where)) {}

  const std::string& name() const override { return m_name; }
  void compute(base::duration) override {}
  std::uint64_t sleep(wakeup&) override { throw std::logic_error("set-up sleeps"); }
  void read(std::uint64_t address, void* data, std::uint32_t n) override {
    m_memory.read(at(address), data, n);
  }
  void write(std::uint64_t address, const void* data, std::uint32_t n) override {
    m_memory.write(at(address), data, n);
  }
  std::uint32_t read_register(std::uint64_t) override {
    throw std::logic_error("set-up reads a register");
  }
  void write_register(std::uint64_t, std::uint32_t) override {
    throw std::logic_error("set-up writes a register");
  }

 private:
  base::pa at(std::uint64_t address) const {
    const auto where = m_where(address);
    if (!where) throw std::logic_error("set-up of memory that is not there");
    return *where;
  }
  const std::string m_name = "setup";
  base::sparse_memory& m_memory;
  const std::function<std::optional<base::pa>(std::uint64_t)> m_where;
};

}  // namespace svasim::kit
