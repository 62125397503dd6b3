// An SMMU with a port for ATS Translation Requests, over hand-made tables of a stream with ATS.
#pragma once

#include "arch/ats_entries.h"
#include "tests/module/smmu/smmu_bench.h"
#include "tlm/smmu/ats_request_port.h"
#include "validate/hand_tables.h"

namespace svasim::test {

struct ats_request_bench {
  static constexpr std::uint32_t slots = 2;

  /// `eats`: STE.EATS; `check`: CR0.ATSCHK.
  ats_request_bench(bool nested, unsigned eats, bool check,
                    const smmu::smmu_params& p = small_smmu())
      : tables(bytes, shapes_of(nested)),
        regs(registers_of(eats, check)),
        walker("walker", p.tcu, period(p.tbu.clock), regs, &root),
        tcu("tcu", p.tcu, p.tbu, 1, regs, walker, &root, slots),
        tbu("tbu", p.tbu, &root),
        ats("ats", slots, p.tbu.dti_latency, &root) {
    requests.socket.bind(ats_checker.upstream);
    ats_checker.downstream.bind(ats.from_root_complex);
    ats.to_tcu.bind(tcu.from_tbu[1]);
    port.socket.bind(tbu.from_root_complex);
    tbu.to_tcu.bind(tcu.from_tbu[0]);
    tbu.to_interconnect.bind(memory.socket);
    walker.to_memory.bind(walk_memory.socket);
    memory.bytes = walk_memory.bytes = &bytes;
    memory.latency = walk_memory.latency = base::ns(64);
    tcu.on_event = [this](const arch::event& e, bool) { events.push_back(e); };
    tbu.follow(regs);
    run_until(base::us(1));
  }
  static validate::table_shapes shapes_of(bool nested) {
    validate::table_shapes s;
    s.nested = nested;
    return s;
  }
  arch::register_view registers_of(unsigned eats, bool check) {
    arch::registers words = tables.registers();
    words.idr0 = (words.idr0 | 1u << 10) & ~(1u << 11);  // ATS, split-stage too
    words.cr0 |= check ? 1u << 4 : 0u;
    const arch::register_view view(words);
    arch::structure_words ste{};
    const base::pa at = view.table_base + validate::hand_tables::sid * 64;
    bytes.read(at, ste.data(), 64);
    arch::ste s = arch::decode_ste(ste);
    s.eats = static_cast<std::uint8_t>(eats);
    bytes.write(at, arch::encode(s).data(), 64);
    return view;
  }
  /// A Translation Request; `write`: NW = 0. Its answer is in the same place of `answers`.
  scripted_initiator::request& ask(std::uint64_t address, bool write = false) {
    answers.emplace_back();
    auto& r = requests.make(write ? tlm::TLM_WRITE_COMMAND : tlm::TLM_READ_COMMAND, address, 8);
    r.ext().sid = base::stream_id(validate::hand_tables::sid);
    r.ext().completion = &answers.back();
    requests.send(r);
    return r;
  }
  /// A request for `n` translations; its answers are in the same place of `several`.
  scripted_initiator::request& ask_for(std::uint64_t address, std::uint32_t n) {
    auto& r = requests.make(tlm::TLM_READ_COMMAND, address, 8 * n);
    several.emplace_back(n);
    r.ext().sid = base::stream_id(validate::hand_tables::sid);
    r.ext().completion = several.back().data();
    requests.send(r);
    return r;
  }
  /// Entries of the first such answer.
  std::uint32_t entries_of_first() const {
    return arch::entries_of(several[0].data(), static_cast<std::uint32_t>(several[0].size()));
  }
  /// A Translated transaction.
  scripted_initiator::request& access(std::uint64_t address, bool write = false) {
    auto& r = port.make(write ? tlm::TLM_WRITE_COMMAND : tlm::TLM_READ_COMMAND, address, 64);
    r.ext().sid = base::stream_id(validate::hand_tables::sid);
    r.ext().at = arch::transaction_kind::translated;
    r.ext().timing_only = true;
    port.send(r);
    return r;
  }

  base::sparse_memory bytes;
  validate::hand_tables tables;
  arch::register_view regs;
  stats::group root{"test"};
  scripted_initiator requests{"requests"}, port{"port"};
  kit::protocol_checker ats_checker{"ats_checker"};
  smmu::walker walker;
  smmu::tcu tcu;
  smmu::tbu tbu;
  smmu::ats_request_port ats;
  scripted_target memory{"memory"}, walk_memory{"walk_memory"};
  std::deque<arch::ats_completion> answers;
  std::deque<std::vector<arch::ats_completion>> several;
  std::vector<arch::event> events;
};

}  // namespace svasim::test
