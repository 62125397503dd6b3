#include "differential.h"

#include <fmt/format.h>

#include <vector>

#include "arch/ats.h"
#include "base/bits.h"
#include "tests/support/random_smmu.h"

namespace svasim::test {

using namespace svasim::arch;

namespace {
naive::read_kind kind_of_read(fetch_kind k) {
  return static_cast<naive::read_kind>(k);
}

struct arch_run {
  translation_result result;
  decoded_config config;
  std::vector<naive::access> accesses;
};

arch_run run_arch(const register_view& regs, const access_request& request, random_memory& memory,
                  differential_counts& counts) {
  arch_run r;
  translation_walk walk;
  walk.start(regs, request);
  run(
      walk,
      [&](const fetch_request& f, std::uint64_t* words) {
        r.accesses.push_back({kind_of_read(f.kind), f.level, f.address.value(), false, 0});
        counts.level_minus_1 += f.level < 0;
        bool ok = true;
        for (unsigned i = 0; i < f.size / 8u && ok; ++i) {
          const bool got =
              memory.read(kind_of_read(f.kind), f.level, f.address.value() + 8 * i, words[i]);
          ok = got || i > 0;
        }
        return ok;
      },
      [&](const fetch_request& f, const descriptor_update& u, std::uint64_t& found) {
        r.accesses.push_back({kind_of_read(f.kind), f.level, f.address.value(), true, u.desired});
        found = memory.swap(f.address.value(), u.expected, u.desired);
        ++counts.updates;
        counts.failed_updates += found != u.expected;
        return true;
      });
  r.result = walk.result();
  r.config = walk.config();
  return r;
}

registers words_of(const naive::registers& n) {
  registers words;
  words.idr0 = n.idr0;
  words.idr1 = n.idr1;
  words.idr3 = n.idr3;
  words.idr5 = n.idr5;
  words.cr0 = n.cr0;
  words.cr2 = n.cr2;
  words.gbpa = n.gbpa;
  words.strtab_base_cfg = n.strtab_base_cfg;
  words.strtab_base = n.strtab_base;
  return words;
}

access_request request_of(const naive::query& q) {
  access_request r;
  r.sid = base::stream_id(q.sid);
  r.has_ssid = q.has_ssid;
  r.ssid = base::substream_id(q.ssid);
  r.address = q.address;
  r.write = q.write;
  r.privileged = q.privileged;
  r.instruction = q.instruction;
  r.kind = static_cast<transaction_kind>(q.kind);
  return r;
}

std::string compare_ok(const translation_result& r, const naive::answer& n,
                       const access_request& q) {
  if (r.output.value() != n.output) {
    return fmt::format("output {:#x}, naive {:#x}", r.output.value(), n.output);
  }
  const translation& e = r.entry;
  if (e.kind > arch::translation_kind::nested) {
    return n.size == 0 ? "" : "an entry without tables";
  }
  const std::uint64_t offset = q.address & base::low_mask(e.size_shift);
  if (e.size_shift != n.size) {
    return fmt::format("size {}, naive {}", e.size_shift, n.size);
  }
  if ((e.ipa | offset) != n.ipa || (e.output.value() | offset) != n.output) {
    return "the entry does not lead where the access went";
  }
  return "";
}

std::string compare_ats(const ats_completion& c, const naive::answer& n, unsigned eats) {
  if (static_cast<int>(c.status) != static_cast<int>(n.status)) {
    return "status";
  }
  if (c.read != n.may_read || c.write != n.may_write || c.execute != n.may_execute) {
    return "permissions";
  }
  const std::uint64_t to = eats == 2 ? n.ipa : n.output;
  const bool right = !c.granted() || n.size == 0 || c.address == to >> c.size_shift << c.size_shift;
  return right ? "" : "address of the completion";
}

std::string compare(const arch_run& a, const naive::answer& n, const register_view& regs,
                    const access_request& q) {
  if (a.accesses != n.accesses) {
    return "accesses to memory";
  }
  if (static_cast<int>(a.result.outcome) != static_cast<int>(n.outcome)) {
    return fmt::format("outcome {} ({}), naive {}", static_cast<int>(a.result.outcome),
                       name(a.result.event.type), static_cast<int>(n.outcome));
  }
  if (n.outcome == naive::answer::fault && encode(a.result.event) != n.record) {
    const event_words w = encode(a.result.event);
    return fmt::format("event record {:#x} {:#x} {:#x} {:#x}, naive {:#x} {:#x} {:#x} {:#x}", w[0],
                       w[1], w[2], w[3], n.record[0], n.record[1], n.record[2], n.record[3]);
  }
  if ((a.result.response == fault_response::zero) != n.zero) {
    return "response";
  }
  if (n.outcome == naive::answer::ok) {
    const std::string d = compare_ok(a.result, n, q);
    if (!d.empty()) {
      return d;
    }
  }
  if (q.kind != transaction_kind::translation_request) {
    return "";
  }
  return compare_ats(complete(a.result, a.config, regs, q, 12), n, a.config.eats);
}

void count(const arch_run& a, const naive::answer& n, const access_request& q,
           differential_counts& counts) {
  ++counts.cases;
  if (n.outcome == naive::answer::fault) {
    ++counts.events[n.record[0] & 0xff];
  }
  if (n.outcome == naive::answer::ok && n.size != 0) {
    ++counts.translated;
    counts.above_48 += n.output >> 48 != 0;
    const stage_leaf& leaf =
        a.result.entry.kind == arch::translation_kind::s2 ? a.result.entry.s2 : a.result.entry.s1;
    counts.spans += n.size != 12 && n.size != 14 && n.size != 16 && leaf.level == 3;
  }
  counts.grants += q.kind == transaction_kind::translation_request && (n.may_read || n.may_write);
}
}  // namespace

std::string differ(std::uint64_t seed, differential_counts& counts) {
  const smmu_profile p = random_smmu(seed);
  random_memory for_naive(p);
  const naive::answer expected = naive::translate(for_naive, p.regs, p.query);
  random_memory for_arch(p);
  const register_view regs(words_of(p.regs));
  const access_request request = request_of(p.query);
  const arch_run got = run_arch(regs, request, for_arch, counts);
  count(got, expected, request, counts);
  const std::string d = compare(got, expected, regs, request);
  return !d.empty() || for_naive.words() == for_arch.words() ? d : "memory after the updates";
}

std::string run_differential(std::uint64_t first, std::uint64_t n, differential_counts& counts) {
  for (std::uint64_t seed = first; seed < first + n; ++seed) {
    const std::string d = differ(seed, counts);
    if (!d.empty()) {
      return fmt::format("seed {}: {}", seed, d);
    }
  }
  return "";
}

}  // namespace svasim::test
