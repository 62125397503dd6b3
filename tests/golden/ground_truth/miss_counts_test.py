"""Main-TLB misses of a replayed trace against tests/golden/ground_truth.json, each figure exactly.

usage: miss_counts_test.py quick|matrix TRACE

TRACE is a key of ground_truth.json. "quick": a few shapes; "matrix": all of SHAPES, with and without
invalidation, by stream and by ASID. Prints one line a figure that differs and ends with 1.
"""

import json
import sys

import svasim_program

TRUTH = json.loads((svasim_program.REPOSITORY / "tests/golden/ground_truth.json").read_text())
FULL, FOUR_WAY = "fully_assoc_lru", "set_assoc_4way_lru"
SHAPES = {FULL: (16, 64, 256, 1024, 4096), FOUR_WAY: (64, 256, 1024)}


def main_tlb(result):
    return next(s for s in result["structures"] if s["path"] == "smmu.tbu.main_tlb")


class Comparison:
    """Runs shapes of the TLB on one trace and keeps what differs."""

    def __init__(self, key):
        self.trace = svasim_program.trace_file(key.split("/")[1])
        self.truth, self.compared, self.differing = TRUTH[key], 0, []

    def equal(self, what, simulated, expected):
        self.compared += 1
        if simulated != expected:
            self.differing.append(f"{what}: {simulated}, but ground truth has {expected}")

    def replay(self, shape, entries, **values):
        ways = entries if shape == FULL else 4
        return svasim_program.result(
            svasim_program.MINIMAL, "--trace", self.trace,
            *svasim_program.settings(smmu__tbu__main_tlb__entries=entries,
                                     smmu__tbu__main_tlb__ways=ways, **values))

    def page_entries(self, shape, entries, invalidate=True, tag="stream"):
        """One entry a page."""
        rule = "with_invalidation" if invalidate else "no_invalidation"
        label = f"{rule} {shape} {entries} tag={tag}"
        result = self.replay(shape, entries, smmu__tbu__tag=tag, smmu__tbu__span="page",
                             smmu__tbu__apply_invalidations=str(invalidate).lower())
        expected = self.truth["tlb"][rule][shape][str(entries)]
        tlb = main_tlb(result)
        self.equal(f"{label} misses", tlb["misses"], expected["misses"])
        self.equal(f"{label} invalidated", tlb["invalidated"],
                   expected.get("entries_invalidated", 0))
        self.whole(label, result, invalidate)

    def leaf_entries(self, entries):
        """One entry a leaf: a 2 MiB block takes one."""
        label = f"span=leaf {FULL} {entries}"
        result = self.replay(FULL, entries, smmu__tbu__span="leaf")
        expected = self.truth["mapping_size_entries"][FULL][str(entries)]
        self.equal(f"{label} misses", main_tlb(result)["misses"], expected["misses"])
        self.whole(label, result, True)

    def whole(self, label, result, invalidate):
        """Every access was made, looked up once and, with invalidation, went where the log says."""
        tlb, run = main_tlb(result), result["run"]
        accesses = self.truth["accesses"]
        self.equal(f"{label} accesses", run["accesses"], accesses)
        self.equal(f"{label} completed", run["completed"], accesses)
        self.equal(f"{label} lookups", tlb["hits"] + tlb["misses"], accesses)
        if invalidate:
            mismatches = result["statistics"]["device"]["dma"]["output_mismatches"]
            self.equal(f"{label} output mismatches", mismatches, 0)

    def own_tags(self):
        """Each stream has an ASID of its own, so tags by ASID tell the same streams apart."""
        tags = [(t["asid"], t["vmid"]) for t in self.truth["translation_tag_of_stream"].values()]
        return len(set(tags)) == len(tags)


def quick(c):
    c.page_entries(FULL, 64)
    c.page_entries(FOUR_WAY, 64)
    c.page_entries(FULL, 64, invalidate=False)
    if "mapping_size_entries" in c.truth:
        c.leaf_entries(64)


def matrix(c):
    for shape, sizes in SHAPES.items():
        for entries in sizes:
            c.page_entries(shape, entries)
            c.page_entries(shape, entries, invalidate=False)
            if c.own_tags():
                c.page_entries(shape, entries, tag="asid")
    for entries in c.truth.get("mapping_size_entries", {}).get(FULL, {}):
        c.leaf_entries(int(entries))


def main():
    extent, key = sys.argv[1:]
    comparison = Comparison(key)
    {"quick": quick, "matrix": matrix}[extent](comparison)
    for line in comparison.differing:
        print(f"{key}: {line}")
    print(f"{key}: {comparison.compared} figures compared, {len(comparison.differing)} differ")
    return 1 if comparison.differing or not comparison.compared else 0


if __name__ == "__main__":
    sys.exit(main())
