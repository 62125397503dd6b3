"""`svasim run --timeline` of SVA workloads and runs at first touch: the faults, hop by hop, and the queues
of the SMMU."""

import collections
import json
import pathlib
import shutil
import sys
import tempfile
import unittest

from svasim_program import MINIMAL, REPOSITORY, run, run_well, trace_file
from timeline_test import Timeline

N2 = REPOSITORY / "platforms" / "neoverse-n2.json"
SYNTHETIC = {"kind": "sva", "question": "Which way do faults take?", "buffer": "128KiB",
             "write_percent": 100}
ON_THE_WAY = {  # of a fault, by variant; neighbours that are the same are one
    "a": ["Device", "PCIe link and root complex", "SMMU", "Device", "SMMU", "Host kernel", "SMMU",
          "Device"],
    "b": ["Device", "PCIe link and root complex", "SMMU", "Device", "SMMU", "Host kernel", "VMM", "vCPU",
          "Guest kernel", "VMM", "Host kernel", "SMMU", "Device"],
    "g": ["Device", "SMMU", "Host kernel", "SMMU"],
}


class Faults(Timeline):
    def faults(self):
        """{number: (slice of the whole, [slices of its hops])}"""
        return self.wholes("Faults", "fault")

    def way(self, hops):
        met = [self.name(s.track) for s in hops]
        return [n for i, n in enumerate(met) if i == 0 or met[i - 1] != n]


@unittest.skipUnless(shutil.which("protoc"), "no protoc (Debian package protobuf-compiler)")
class Decoded(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.folder = pathlib.Path(tempfile.mkdtemp(prefix="svasim-test-"))
        cls.addClassCleanup(shutil.rmtree, cls.folder)
        cls.workload = cls.folder / "work.json"
        cls.workload.write_text(json.dumps(SYNTHETIC), encoding="utf-8")
        cls.drawn, cls.results = {}, {}
        for variant in ON_THE_WAY:
            out = cls.folder / variant
            run_well(*cls.arguments(variant), "-o", out, "--timeline", out / "t",
                     "--timeline-every", 1)
            cls.drawn[variant] = Faults(out / "t")
            cls.results[variant] = json.loads((out / "result.json").read_text(encoding="utf-8"))

    @classmethod
    def arguments(cls, variant):
        return ("run", N2, "--workload", cls.workload, "--set", f"variant={variant}", "-q")

    def each(self):
        for variant, drawn in self.drawn.items():
            yield drawn, self.results[variant], variant

    def test_every_fault_is_there_with_its_exact_time(self):
        for drawn, result, _ in self.each():
            faults = drawn.faults()
            self.assertEqual(result["sva"]["faults"], len(faults))
            self.assertGreater(len(faults), 30)
            self.assertEqual(result["statistics"]["faults"]["latency"]["sum"],
                             sum(int(whole.notes["ps"]) for whole, _ in faults.values()))

    def test_a_fault_goes_through_its_hops_without_a_gap(self):
        for drawn, _, _ in self.each():
            for whole, hops in drawn.faults().values():
                self.assertEqual((whole.begin, whole.end), (hops[0].begin, hops[-1].end))
                for before, after in zip(hops, hops[1:]):
                    self.assertEqual(before.end, after.begin)
                self.assertEqual(int(whole.notes["ps"]), sum(int(h.notes["ps"]) for h in hops))

    def test_one_flow_joins_a_fault_from_the_device_to_software_and_back(self):
        for drawn, _, variant in self.each():
            flows, ways = set(), collections.Counter()
            for whole, hops in drawn.faults().values():
                flow, = {f for s in (whole, *hops) for f in s.flow}
                self.assertNotIn(flow, flows)
                flows.add(flow)
                self.assertEqual([s.last for s in (whole, *hops)], [False] * len(hops) + [True])
                ways[tuple(drawn.way(hops))] += 1
            self.assertEqual(ON_THE_WAY[variant], list(ways.most_common(1)[0][0]))

    def test_hops_are_the_steps_of_the_result(self):
        for drawn, result, _ in self.each():
            wanted = collections.Counter({h["step"]: h["ps"] for h in result["sva"]["hops"]
                                          if h["on_path"] and h["ps"]})
            found = []
            for whole, hops in drawn.faults().values():
                if int(whole.notes["ps"]) != result["sva"]["fault_p50_ps"]:
                    continue
                steps = collections.Counter()
                for h in hops:
                    steps[h.notes["step"]] += int(h.notes["ps"])
                found.append(+steps)
            self.assertIn(wanted, found)

    def test_slices_of_a_track_do_not_overlap(self):
        for drawn, _, _ in self.each():
            last = collections.defaultdict(int)
            for s in drawn.slices:
                self.assertGreaterEqual(s.begin, last[s.track])
                last[s.track] = s.end

    def test_queues_are_counted_as_they_fill_and_empty(self):
        for drawn, _, variant in self.each():
            used = {"CMDQ (records)", "EVTQ (records)" if variant == "g" else "PRIQ (records)"}
            for name in ("CMDQ (records)", "EVTQ (records)", "PRIQ (records)"):
                values = drawn.counts[name]
                self.assertEqual(sorted(values), values)
                for (_, before), (_, after) in zip(values, values[1:]):
                    self.assertNotEqual(before, after)
                highest = max(v for _, v in values)
                self.assertEqual(name in used, highest > 0, (name, highest))
                if name != "CMDQ (records)":  # commands of the last answer may still be there
                    self.assertEqual(0, values[-1][1])

    def test_a_sample_holds_every_nth_fault(self):
        file = self.folder / "some"
        run_well(*self.arguments("b"), "--timeline", file, "--timeline-every", 5)
        self.assertEqual(list(range(1, self.results["b"]["sva"]["faults"] + 1, 5)),
                         sorted(Faults(file).faults()))

    def test_drawing_changes_nothing(self):
        out = self.folder / "plain"
        run_well(*self.arguments("b"), "-o", out)
        self.assertEqual((self.folder / "b" / "result.json").read_bytes(),
                         (out / "result.json").read_bytes())

    def test_a_trace_at_first_touch_is_drawn_as_well(self):
        out = self.folder / "touch"
        run_well("run", MINIMAL, "--trace", trace_file("nvme_randrw_k612_strict"), "-q", "-o", out,
                 "--set", "memory.first_touch=true", "--timeline", out.with_suffix(".t"),
                 "--timeline-every", 1)
        result = json.loads((out / "result.json").read_text(encoding="utf-8"))
        self.assertEqual(result["sva"]["faults"], len(Faults(out.with_suffix(".t")).faults()))

    def test_of_several_smmus_each_has_its_queues(self):
        file = self.folder / "several"
        run_well("run", REPOSITORY / "platforms" / "two-socket.json", "--workload", self.workload, "-q",
                 "--timeline", file, "--timeline-every", 1)
        self.assertEqual({f"{smmu} {queue} (records)" for smmu in ("s0a", "s0b", "s1a")
                          for queue in ("CMDQ", "EVTQ", "PRIQ")}, set(Faults(file).counts))


class Refused(unittest.TestCase):
    def test_without_faults_there_is_nothing_to_draw(self):
        with tempfile.TemporaryDirectory() as folder:
            workload = pathlib.Path(folder, "work.json")
            workload.write_text(json.dumps(SYNTHETIC), encoding="utf-8")
            done = run("run", N2, "--workload", workload, "--set", "variant=f", "--timeline",
                       pathlib.Path(folder, "t"))
            self.assertEqual((2, "--timeline: variant f has no faults to draw\n"),
                             (done.returncode, done.stderr))
            self.assertEqual(["work.json"], [f.name for f in pathlib.Path(folder).iterdir()])
            done = run("run", N2, "--trace", trace_file("virtio_iommu_nvme_randread4k_qd32"), "--timeline",
                       pathlib.Path(folder, "t"))
            self.assertEqual((2, "--timeline: requests of a virtio-iommu log have no faults to draw\n"),
                             (done.returncode, done.stderr))


if __name__ == "__main__":
    unittest.main(argv=sys.argv)
