"""Bad specifications: every problem with its position, exit code 2, nothing run, nothing left."""

import json
import unittest

import sweeps
from sweeps import PLATFORM

HEAD = f'{{"platform": {json.dumps(PLATFORM)}, "workload": "w.json",\n'
ENTRIES = '{"path": "smmu.tbu.main_tlb.entries", "values": [64]}'

# What follows the first line, and what is said.
ROWS = [
    ('"axes": [{"path": "smmu.tbu.main_tlb.entrys", "values": [1]}]}',
     's.json:2:19: no parameter "smmu.tbu.main_tlb.entrys"; did you mean '
     '"smmu.tbu.main_tlb.entries"?'),
    ('"axes": [{"path": "smmu.tcu.walk_slots", "values": [0, "4", 1.5]}]}',
     's.json:2:53: smmu.tcu.walk_slots must be 1 to 512 slots, but is 0\n'
     's.json:2:56: smmu.tcu.walk_slots needs a whole number of slots, not "4"\n'
     's.json:2:61: smmu.tcu.walk_slots needs a whole number of slots, not 1.5'),
    ('"axes": [{"path": "smmu.tbu.dti_latency", "values": ["20", "20ns", "20KiB"]}]}',
     's.json:2:54: smmu.tbu.dti_latency needs a time such as "190ns", not "20"\n'
     's.json:2:68: smmu.tbu.dti_latency needs a time such as "190ns", not "20KiB"'),
    ('"axes": [{"path": "smmu.tbu.tag", "from": "asid", "to": "stream"}]}',
     's.json:2:43: smmu.tbu.tag has no order; list its values'),
    ('"axes": [{"path": "smmu.tbu.tag", "values": ["vmid"]}]}',
     's.json:2:46: smmu.tbu.tag must be one of "stream", "asid", not "vmid"'),
    ('"axes": [{"path": "smmu.tcu.walk_slots", "from": 8, "to": 4}]}',
     's.json:2:59: a range must not end below its beginning'),
    ('"axes": [{"path": "smmu.tbu.main_tlb.entries", "from": 0, "to": 4, "scale": "log2"}]}',
     's.json:2:56: a log2 range cannot begin at 0'),
    ('"axes": [{"path": "smmu.tcu.walk_slots", "from": 1, "to": 4, "scale": "log10"}]}',
     's.json:2:71: scale must be "log2", not "log10"'),
    ('"axes": [{"path": "smmu.tcu.walk_slots", "from": 1, "to": 4, "step": 2, "scale": "log2"}]}',
     's.json:2:70: a log2 range doubles; it has no step'),
    ('"axes": [{"path": "smmu.tcu.walk_slots", "from": 1, "to": 4, "step": 0}]}',
     's.json:2:70: step must be 1 to 18446744073709551615 slots, but is 0'),
    ('"axes": [{"path": "smmu.tbu.dti_latency", "from": "1ns", "to": "4ns"}]}',
     's.json:2:51: a range of a time needs a step, or "scale": "log2"'),
    ('"axes": [{"path": "workload.accesses", "from": 1, "to": 1000000}]}',
     's.json:2:48: more than 100000 values'),
    ('"axes": [{"path": "smmu.tcu.walk_slots", "values": []}]}',
     's.json:2:52: values needs a list of at least one value, not none'),
    ('"axes": [{"path": "smmu.tcu.walk_slots", "values": [4, 4]}]}',
     's.json:2:56: 4 is in the list twice'),
    ('"axes": [{"path": "smmu.tcu.walk_slots"}]}',
     's.json:2:10: an axis needs either "values" or "from" and "to"'),
    ('"axes": [{"values": [4]}]}', 's.json:2:10: an axis needs a "path"'),
    ('"axes": [{"path": "smmu.tcu.walk_slots", "vales": [4]}]}',
     's.json:2:42: an axis: unknown key "vales"; did you mean "values"?\n'
     's.json:2:10: an axis needs either "values" or "from" and "to"'),
    ('"axes": [{"path": ["smmu.tcu.walk_slots", "smmu.tbu.dti_latency"], "values": [4]}]}',
     's.json:2:43: smmu.tbu.dti_latency is a time, but smmu.tcu.walk_slots a count; one axis gives '
     'both the same value'),
    (f'"axes": [{ENTRIES}, {ENTRIES}]}}', 's.json:2:65: smmu.tbu.main_tlb.entries is set twice'),
    (f'"axes": [{ENTRIES}], "set": {{"smmu.tbu.main_tlb.entries": 8}}}}',
     's.json:2:10: smmu.tbu.main_tlb.entries is set twice'),
    ('"set": {"smmu.tbu.slot": 4, "smmu.tbu.slots": true}}',
     's.json:2:9: no parameter "smmu.tbu.slot"; did you mean "smmu.tbu.slots"?\n'
     's.json:2:47: smmu.tbu.slots needs a whole number of slots, not true'),
    ('"axes": [{"path": "smmu.tbu.main_tlb.ways", "values": [4, 3]}]}',
     's.json:2:9: smmu.tbu.main_tlb.ways=3: smmu.tbu.main_tlb.ways: 2048 entries are no multiple '
     'of 3 ways'),
    ('"axes": [{"path": "workload.length", "values": ["64B", "65B"]}]}',
     's.json:2:9: workload.length=65B: length: 65B is no power of two'),
    ('"seeds": [1, 1]}', 's.json:2:14: 1 is in the list twice'),
    ('"seeds": {"from": 1}}', 's.json:2:10: an axis needs either "values" or "from" and "to"'),
    ('"sampling": {"kind": "sobol"}}',
     's.json:2:13: sampling needs a kind: "grid", "random" or "latin_hypercube", not "sobol"'),
    ('"sampling": {"kind": "random"}}', 's.json:2:13: random needs "points"'),
    ('"sampling": {"kind": "grid", "points": 4}}',
     's.json:2:13: a grid has neither points nor a seed'),
    ('"sampling": {"kind": "random", "points": 0}}',
     's.json:2:42: points needs a whole number from 1 to 1000000, not 0'),
    (f'"axes": [{ENTRIES}], "sampling": {{"kind": "random", "points": 2}}}}',
     's.json:2:9: only 1 of 2 random points were found that differ and keep the constraints'),
    ('"axes": [{"path": "workload.accesses", "from": 1, "to": 2000},'
     ' {"path": "workload.seed", "from": 1, "to": 2000}]}',
     's.json:2:9: the grid has more than 1000000 points; sample it'),
    (f'"axes": [{ENTRIES}], "constraints": ["smmu.tbu.main_tlb.entries > 64"]}}',
     's.json:2:9: no point keeps the constraints'),
    ('"constraints": ["smmu.tbu.dti_latency <= 4KiB"]}',
     's.json:2:39: a time cannot be compared with a size'),
    ('"constraints": ["smmu.tbu.slots <= smmu.tbu.slot"]}',
     's.json:2:36: no parameter "smmu.tbu.slot"; did you mean "smmu.tbu.slots"?'),
    ('"constraints": ["100 / (smmu.tbu.slots - 64) > 1"]}',
     's.json:2:22: a division by zero at the only point'),
    ('"constraints": "true"}', 's.json:2:16: constraints needs a list, not "true"'),
    ('"axis": []}', 's.json:2:1: the specification: unknown key "axis"; did you mean "axes"?'),
    ('"trace": "t.svt"}', 's.json:1:1: it needs either a "workload" or a "trace"'),
    ('"axes": [1]}', 's.json:2:10: an axis needs an object, not 1'),
]


class BadSpecification(sweeps.Folder):
    def refused(self, done, text):
        self.assertEqual(done.stderr, text + "\n")
        self.assertEqual((done.returncode, done.stdout), (2, ""))
        self.assertFalse((self.folder / "out").exists())

    def test_every_row_is_told_exactly_and_leaves_nothing(self):
        for rest, said in ROWS:
            with self.subTest(rest):
                (self.folder / "s.json").write_text(HEAD + rest, encoding="utf-8")
                self.refused(self.sweep("s.json", "-o", "out"), said)

    def test_seeds_of_a_trace_are_refused(self):
        trace = self.folder / "t.csv"
        trace.write_text("#svasim-trace v1\n0,A,0x8,,0x1000,64,R,0x100000,3\n", encoding="utf-8")
        spec = self.spec(workload=None, trace="t.csv", seeds=[1, 2])
        self.refused(self.sweep(spec, "-o", "out"),
                     f"s.json:1:{len(json.dumps({'platform': PLATFORM, 'trace': 't.csv'})) + 11}: "
                     "seeds need a workload: a trace has none")

    def test_a_wrong_shard_is_refused(self):
        spec = self.spec()
        for shard in ("0/2", "3/2", "1", "a/b", "1/2/3", "-1/2"):
            self.refused(self.sweep(spec, "-o", "out", "--shard", shard),
                         f'--shard needs k/K with 1 <= k <= K, as in 2/8, not "{shard}"')


if __name__ == "__main__":
    unittest.main()
