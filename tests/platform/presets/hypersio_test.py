"""Hits of the hypersio-like preset's ATC, against a count made here: an LRU list of 8 for each of 8 sets,
the set chosen by address bits 21 to 23, entries told apart by tenant and 4 KiB page.

The three translations of a packet are under way together, one packet at a time (TRANSLATIONS_PER_PKT of
HyperSIO, a queue of one packet): all three are looked up before the first of them is filled, and the misses
are filled in the order of the packet."""

import gzip
import json
import pathlib
import random
import tempfile
import unittest

import svasim_program
from svasim_program import REPOSITORY

PRESET = REPOSITORY / "platforms" / "hypersio-like.json"
ENTRIES, WAYS, INDEX_BIT = 64, 8, 21
PACKETS = 12000
TOGETHER = 3  # translations of a packet


def packets(tenants, seed, in_turn=False):
    """(tenant, address) three by three: a ring's descriptor, a mailbox, a buffer. Tenants are in turn,
    or a few have most packets."""
    draw = random.Random(seed)
    heads = [draw.randrange(512) for _ in range(tenants)]
    out = []
    for i in range(PACKETS):
        tenant = i % tenants if in_turn else int(tenants * draw.random() ** 4)
        heads[tenant] = (heads[tenant] + 1) % 512
        ring = 0x10000000 + heads[tenant] * 16
        mailbox = 0x10000000 + 0x200000 * (tenant % 5) + 0x80000
        buffers = 0x20000000 + 0x1000 * draw.choice([draw.randrange(4), draw.randrange(2048)])
        out += [(tenant, ring), (tenant, mailbox), (tenant, buffers)]
    return out


def independent_hits(accesses, index_bit=INDEX_BIT, together=TOGETHER):
    sets = [[] for _ in range(ENTRIES // WAYS)]
    hits = 0
    for first in range(0, len(accesses), together):
        misses = []
        for tenant, address in accesses[first:first + together]:
            ways = sets[(address >> index_bit) % len(sets)]
            entry = (tenant, address >> 12)
            if entry in ways:
                hits += 1
                ways.remove(entry)
                ways.append(entry)
            else:
                misses.append((ways, entry))
        for ways, entry in misses:
            if len(ways) == WAYS:
                ways.pop(0)
            ways.append(entry)
    return hits


def trace_text(accesses):
    tenants = sorted({tenant for tenant, _ in accesses})
    lines = ["#svasim-trace v1"]
    lines += [f"#stream,{8 + t:#x},asid={1 + t},vmid=0" for t in tenants]
    for i, (tenant, address) in enumerate(accesses):
        output = 0x4000000000 + (tenant << 32) + address
        lines.append(f"{i},A,{8 + tenant:#x},,{address:#x},16,R,{output:#x},3")
    return "\n".join(lines) + "\n"


class Hypersio(unittest.TestCase):
    def hits(self, accesses, *options):
        with tempfile.TemporaryDirectory(prefix="svasim-test-") as folder:
            trace = pathlib.Path(folder, "trace.csv")
            trace.write_text(trace_text(accesses), encoding="utf-8")
            result = svasim_program.result(PRESET, "--trace", trace, *options)
        atc = next(s for s in result["structures"] if s["path"] == "device.atc")
        self.assertEqual(atc["lookups"], len(accesses))
        self.assertEqual(result["run"]["completed"], len(accesses))
        return atc["hits"]

    def check(self, tenants, in_turn=False):
        accesses = packets(tenants, tenants, in_turn)
        expected = independent_hits(accesses)
        print(f"{tenants} tenants: {expected} of {len(accesses)} hit")
        self.assertEqual(self.hits(accesses), expected)
        return expected

    def test_4_tenants(self):
        self.assertGreater(self.check(4), PACKETS)

    def test_64_tenants(self):
        self.assertGreater(self.check(64), PACKETS // 10)

    def test_1024_tenants(self):
        self.assertGreater(self.check(1024), PACKETS // 100)

    def test_tenants_in_turn_thrash(self):
        self.check(4, in_turn=True)
        self.assertEqual(self.check(64, in_turn=True), 0)

    def test_the_row_of_the_validation_expects_what_is_counted_here(self):
        rows = REPOSITORY / "tests" / "validation" / "rows"
        row = json.loads((rows / "hypersio-hits.json").read_text(encoding="utf-8"))
        for point in row["points"]:
            with gzip.open(rows / point["trace"], "rt", encoding="utf-8") as trace:
                lines = [line.split(",") for line in trace if not line.startswith("#")]
            accesses = [(int(line[2], 16) - 8, int(line[4], 16)) for line in lines]
            self.assertEqual(point["expected"], independent_hits(accesses), point["name"])

    def test_the_index_matters(self):
        # The count with the usual index, page numbers, is another one: equality above says something.
        accesses = packets(4, seed=4)
        self.assertNotEqual(independent_hits(accesses, 12), independent_hits(accesses))

    def test_that_a_packet_is_under_way_together_matters(self):
        accesses = packets(4, seed=4)
        together = independent_hits(accesses)
        self.assertNotEqual(independent_hits(accesses, together=1), together)
        alone = self.hits(accesses, "--set", "device.dma.packet=1")
        self.assertEqual(independent_hits(accesses, together=1), alone)


if __name__ == "__main__":
    unittest.main()
