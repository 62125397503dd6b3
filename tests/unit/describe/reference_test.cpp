#include "describe/reference.h"

#include <catch2/catch.hpp>

#include "sample.h"

namespace svasim::describe::test {
namespace {

const char* const expected = R"(# Sample

| parameter | type | range | default | meaning | provenance of the default |
|---|---|---|---|---|---|
| `checked` | boolean |  | `false` | Check every transaction. |  |
| `budget` | count of transactions | 1 to 1000000000000 | `10` | Where the run ends. | A: assumed |

## `tbu`

The only TBU.

| parameter | type | range | default | meaning | provenance of the default |
|---|---|---|---|---|---|
| `tbu.clock` | frequency | 100MHz to 4GHz | `1GHz` | Of the whole TBU. | A: assumed |

## `tbu.main_tlb`

The TLB that all streams share.

| parameter | type | range | default | meaning | provenance of the default |
|---|---|---|---|---|---|
| `tbu.main_tlb.entries` | count of entries | 0 to 65536 | `64` | Translations held; 0 leaves it out. | T: manual table 2 |
| `tbu.main_tlb.ways` | count of ways | 1 to 64 | `4` | Associativity. | T: manual table 2 |
| `tbu.main_tlb.replacement` | choice | `lru`, `plru`, `random` | `lru` | Which entry makes room. | A: assumed |
| `tbu.main_tlb.latency` | time | 0ps to 1us | `4ns` | Lookup to hit. | M: measured \| twice |

## `devices.N`

What is plugged in. A list of 0 to 3 elements; N counts from 0.

| parameter | type | range | default | meaning | provenance of the default |
|---|---|---|---|---|---|
| `devices.N.name` | string |  | `nic` | As the report calls it. |  |
| `devices.N.seed` | count | 0 to 18446744073709551615 | `1` | Of its generator. | A: assumed |
| `devices.N.link` | rate | 1B/s to 256GB/s | `16GB/s` | Of its PCIe link. | T: Gen4 x8 |
| `devices.N.payload` | size | 128B to 4KiB | `256B` | Largest TLP payload. | A: assumed |
)";

TEST_CASE("the reference has one table for each group, with every field in it") {
  CHECK(reference_markdown(sample_params{}, "Sample") == expected);
}

}  // namespace
}  // namespace svasim::describe::test
