// Hardware update of descriptors by the timed walker (IHI 0070 3.13).
#include "arch/cd.h"
#include "arch/translate.h"
#include "smmu_bench.h"

using namespace svasim;
using test::run_dry;
using test::smmu_bench;

namespace {

constexpr std::uint64_t af = 1u << 10, read_only = 1u << 7, dbm = std::uint64_t{1} << 51;

// One address space for streams 1 and 2 with a page at 0x1000, writable-clean and never accessed,
// and a CD with HA and HD.
struct updating : smmu_bench {
  updating() {
    regs.caps.httu = 2;
    const arch::domain_id d = tables.add_domain({base::asid(1), {}});
    for (const std::uint64_t page : {0x1000, 0x2000, 0x3000}) {
      tables.map(d, base::iova(page), 0x90000000 + page, 12, true);
    }
    tables.attach(base::stream_id(1), d);
    tables.attach(base::stream_id(2), d);
    base::pa cd;
    arch::access_request access;
    access.sid = base::stream_id(1);
    access.address = 0x1000;
    arch::translate(
        regs,
        [&](const arch::fetch_request& f, std::uint64_t* words) {
          (f.kind == arch::fetch_kind::cd ? cd : leaf_at) = f.address;
          bytes.read(f.address, words, f.size);
          return true;
        },
        access);
    arch::structure_words words;
    bytes.read(cd, words.data(), sizeof words);
    arch::cd c = arch::decode_cd(words);
    c.ha = c.hd = true;
    words = arch::encode(c);
    bytes.write(cd, words.data(), sizeof words);
    dirty = bytes.read64(leaf_at) | dbm;
    bytes.write64(leaf_at, (dirty & ~af) | read_only);
  }
  std::uint64_t leaf() const { return bytes.read64(leaf_at); }
  std::uint64_t updates() const { return walker.statistics().updates.value(); }
  base::duration time_of(std::uint64_t address) {
    request& r = access(address);
    run_dry();
    return r.answered - r.sent;
  }
  base::pa leaf_at;
  std::uint64_t dirty = 0;
};

}  // namespace

TEST_CASE("a read sets the access flag, a write to the clean page walks again and makes it dirty") {
  updating b;
  CHECK(b.output_of(0x1000) == 0x90001000);
  CHECK(b.leaf() == (b.dirty | read_only));
  CHECK(b.updates() == 1);
  b.access(0x1040, 1, true);
  run_dry();
  CHECK(b.leaf() == b.dirty);
  CHECK(b.updates() == 2);
  const auto walks = b.walker.statistics().walks.value();
  b.access(0x1080, 1, true);
  run_dry();
  CHECK(b.walker.statistics().walks.value() == walks);
  CHECK(b.updates() == 2);
  b.walk_checker.check_drained();
}

TEST_CASE("two walks that update one descriptor leave both marks, the second finds it done") {
  updating b;
  b.access(0x1000, 1, true);
  b.access(0x1040, 2);
  run_dry();
  CHECK(b.leaf() == b.dirty);
  CHECK(b.updates() == 2);
  CHECK(b.walker.statistics().walks.value() == 2);
}

TEST_CASE("an update costs a read and a write of the descriptor") {
  updating b;
  b.time_of(0x2000);  // configuration and tables
  const base::duration plain = b.time_of(0x3000);
  CHECK(b.time_of(0x1000) == plain + 2 * smmu_bench::latency);
  CHECK(b.updates() == 1);
}
