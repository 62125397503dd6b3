// Puts the SMMU commands of a QEMU log together. QEMU writes one smmuv3_cmdq_opcode line for a
// command and then its operands in one line, or, for a range that is not an aligned power of two,
// in several lines that follow each other in address: those become one command again, so that the
// replay sees what the driver queued. The operand lines decide: at the edges of a log either kind
// may be missing, because the events were switched on one after the other.
//
// What a log does not tell is written so that it can only invalidate more: CFGI_STE and CFGI_CD
// with Leaf = 0. CMD_SYNC signals nothing (CS = 0). PREFETCH_CONFIG names the StreamID of the last
// CFGI_STE.
#pragma once

#include <cstdint>
#include <deque>
#include <string_view>
#include <vector>

#include "trace/record.h"
#include "workloads/smmu_commands.h"
#include "workloads/text_fields.h"

namespace svasim::workloads {

class qemu_commands {
 public:
  enum class outcome {
    not_a_command,  ///< the event is none of a command
    nothing,        ///< belongs to a command, which is not (or not yet) a record
    record,         ///< out.command is filled
    range_opened    ///< a range command began at this line: call open_range()
  };
  /// Reads the line of `event`, `fields` standing behind its name. Throws base::input_error.
  outcome read(std::string_view event, text_fields& fields, trace::record& out);

  /// `at` carries time and line of the range command that read() opened.
  void open_range(const trace::record& at);
  /// While a range is open, records queue behind it to keep their order.
  bool queues() const { return m_range_open || !m_queue.empty(); }
  void queue(const trace::record& r);
  /// The next record of the queue; false while the range is open or the queue is empty.
  bool pop(trace::record& out);
  /// No more lines.
  void finish();
  /// Commands of which no operands were seen.
  std::uint64_t incomplete() const { return m_incomplete; }

 private:
  enum class operands : std::uint8_t;
  struct known_opcode;
  static const known_opcode* find_opcode(std::string_view name);

  outcome read_opcode(text_fields& fields, trace::record& out);
  outcome read_range(text_fields& fields, trace::record& out);
  bool joins_open_range(const smmu_commands::range_operands& r) const;
  /// The opcode line before these operands if it is of their kind, else `otherwise`.
  smmu_commands::opcode claim(operands kind, smmu_commands::opcode otherwise);
  void close_range();

  const known_opcode* m_opcode = nullptr;  // its operands have not come yet
  base::stream_id m_configured;            // of the last CFGI_STE
  bool m_range_open = false;
  smmu_commands::opcode m_range_opcode{};
  std::vector<smmu_commands::range_operands> m_pieces;
  std::deque<trace::record> m_queue;  // the open range's record is the front
  std::uint64_t m_incomplete = 0;
};

}  // namespace svasim::workloads
