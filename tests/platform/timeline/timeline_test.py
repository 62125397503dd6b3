"""`svasim run --timeline`: the file is what Perfetto reads (protoc decodes it), and says what the
result says."""

import collections
import json
import pathlib
import shutil
import subprocess
import sys
import tempfile
import unittest


from svasim_program import MINIMAL, REPOSITORY, run, run_well, trace_file

HERE = pathlib.Path(__file__).resolve().parent
N2 = REPOSITORY / "platforms" / "neoverse-n2.json"
Slice = collections.namedtuple("Slice", "track begin end name notes flow last")


def message(lines):
    """One message of protobuf's text form as {field: [values]}, up to its closing brace."""
    out = collections.defaultdict(list)
    for line in lines:
        line = line.strip()
        if line == "}":
            break
        if line.endswith("{"):
            out[line[:-1].strip()].append(message(lines))
        else:
            key, value = line.split(": ", 1)
            out[key].append(json.loads(value) if value[0] == '"' else value)
    return out


class Timeline:
    """A decoded file: tracks by uuid, slices in the order of the file, counter values by track."""

    def __init__(self, file):
        with open(file, "rb") as content:
            text = subprocess.run(["protoc", f"--proto_path={HERE}", "--decode=Trace",
                                   "track_event.proto"], stdin=content, capture_output=True,
                                  check=True).stdout.decode()
        self.tracks, self.slices, self.counts = {}, [], collections.defaultdict(list)
        begun = {}
        for packet in message(iter(text.splitlines()))["packet"]:
            assert packet["trusted_packet_sequence_id"] == ["1"], packet
            if packet["track_descriptor"]:
                track, = packet["track_descriptor"]
                uuid = track["uuid"][0]
                assert uuid not in self.tracks, f"track {uuid} twice"
                self.tracks[uuid] = track
                continue
            event, = packet["track_event"]
            time, = map(int, packet["timestamp"])
            track, = event["track_uuid"]
            assert track in self.tracks, f"track {track} before its description"
            kind, = event["type"]
            if kind == "COUNTER":
                self.counts[self.name(track)].append((time, int(event["counter_value"][0])))
            elif kind == "SLICE_BEGIN":
                assert track not in begun, f"track {track} has a slice in a slice"
                begun[track] = (time, event)
            else:
                begin, at = begun.pop(track)
                notes = {n["name"][0]: (n["string_value"] or n["uint_value"])[0]
                         for n in at["debug_annotations"]}
                flow = at["flow_ids"] + at["terminating_flow_ids"]
                self.slices.append(Slice(track, begin, time, at["name"][0], notes, flow,
                                         bool(at["terminating_flow_ids"])))
        assert not begun, begun

    def name(self, track):
        return self.tracks[track]["name"][0]

    def wholes(self, track, note):
        """{number in the note: (slice of the whole, which is on this track, [slices of its parts])}"""
        out = {}
        for s in self.slices:
            if self.name(s.track) == track:
                out[int(s.notes[note])] = (s, [])
            else:
                out[int(s.notes[note])][1].append(s)
        return out

    def requests(self):
        """{id: (slice of the whole, [slices of its stages])}"""
        return self.wholes("Transactions", "request")


@unittest.skipUnless(shutil.which("protoc"), "no protoc (Debian package protobuf-compiler)")
class Decoded(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.folder = pathlib.Path(tempfile.mkdtemp(prefix="svasim-test-"))
        cls.addClassCleanup(shutil.rmtree, cls.folder)
        workload = cls.folder / "work.json"
        workload.write_text(json.dumps({"pattern": "random", "accesses": 3000, "streams": 2,
                                        "write_ppm": 300000, "seed": 3}), encoding="utf-8")
        cls.arguments = ("run", N2, "--workload", workload, "-q", "-o", cls.folder)
        run_well(*cls.arguments, "--timeline", cls.folder / "all", "--timeline-every", 1)
        cls.all = Timeline(cls.folder / "all")
        cls.text = (cls.folder / "result.json").read_text(encoding="utf-8")
        cls.result = json.loads(cls.text)

    def test_every_request_is_there_with_its_exact_time(self):
        requests = self.all.requests()
        self.assertEqual(sorted(requests), list(range(self.result["run"]["requests"])))
        latency = self.result["latency"]
        self.assertEqual(sum(int(whole.notes["ps"]) for whole, _ in requests.values()),
                         latency["read"]["sum"] + latency["write"]["sum"])

    def test_the_stages_add_up_to_those_of_the_result(self):
        sums = collections.Counter()
        for _, stages in self.all.requests().values():
            for s in stages:
                sums[s.name] += int(s.notes["ps"])
        self.assertEqual(sums, {s["label"]: s["sum_ps"] for s in self.result["stages"]
                                if s["sum_ps"]})

    def test_a_request_goes_through_its_stages_without_a_gap(self):
        for whole, stages in self.all.requests().values():
            self.assertEqual(stages[0].begin, whole.begin)
            self.assertEqual(stages[-1].end, whole.end)
            for before, after in zip(stages, stages[1:]):
                self.assertEqual(before.end, after.begin)
            self.assertEqual(sum(int(s.notes["ps"]) for s in stages), int(whole.notes["ps"]))

    def test_one_flow_joins_a_request_from_the_device_to_memory_and_back(self):
        flows = set()
        for whole, stages in self.all.requests().values():
            flow, = {f for s in (whole, *stages) for f in s.flow}
            self.assertNotIn(flow, flows)
            flows.add(flow)
            self.assertEqual([s.last for s in (whole, *stages)], [False] * len(stages) + [True])
        walked = max(self.all.requests().values(), key=lambda r: len(r[1]))
        met = [self.all.name(s.track) for s in walked[1]]
        order = [n for i, n in enumerate(met) if i == 0 or met[i - 1] != n]
        for name in ("Device", "PCIe link", "Root complex", "TBU", "TCU", "Walker",
                     "Interconnect", "System-level cache", "DRAM"):
            self.assertIn(name, order)
        self.assertEqual(["Device", "PCIe link", "PCIe link"], order[:2] + order[-1:])

    def test_slices_of_a_track_do_not_overlap(self):
        last = collections.defaultdict(int)
        for s in self.all.slices:
            self.assertGreaterEqual(s.begin, last[s.track])
            last[s.track] = s.end

    def test_slots_and_queues_are_counted_at_every_sample(self):
        series = self.result["occupancy"]["series"]
        self.assertEqual(sorted(self.all.counts),
                         sorted(f"{s['label']} ({s['unit']})" for s in series))
        for s in series:
            values = self.all.counts[f"{s['label']} ({s['unit']})"]
            self.assertEqual(len(values), self.result["run"]["requests"])
            self.assertLessEqual(max(v for _, v in values), s["capacity"])
            self.assertGreater(max(v for _, v in values), 0)

    def test_a_sample_holds_every_nth_request(self):
        run_well(*self.arguments, "--timeline", self.folder / "some", "--timeline-every", 7)
        requests = Timeline(self.folder / "some").requests()
        self.assertEqual(sorted(requests), list(range(0, self.result["run"]["requests"], 7)))

    def test_drawing_changes_nothing(self):
        run_well(*self.arguments)
        self.assertEqual(self.text, (self.folder / "result.json").read_text(encoding="utf-8"))

    def test_a_recorded_trace_with_commands_is_drawn_as_well(self):
        out = self.folder / "of_trace"
        run_well("run", MINIMAL, "--trace", trace_file("nvme_randrw_k612_strict"), "-q", "-o", out,
                 "--timeline", self.folder / "trace", "--timeline-every", 50)
        issued = json.loads((out / "result.json").read_text(encoding="utf-8"))["run"]["requests"]
        timeline = Timeline(self.folder / "trace")
        root, = [t for t in timeline.tracks.values() if not t["parent_uuid"]]
        self.assertEqual(root["name"], ["nvme_randrw_k612_strict.qemu.log.gz on minimal"])
        self.assertEqual(len(timeline.requests()), (issued + 49) // 50)


class Files(unittest.TestCase):
    def test_a_file_that_cannot_be_written_is_told_before_the_time_is_spent(self):
        done = run("run", MINIMAL, "--trace", trace_file("nvme_randrw_k612_strict"), "-q",
                   "--timeline", "/nonexistent/t")
        self.assertEqual((2, "cannot write /nonexistent/t: No such file or directory\n"),
                         (done.returncode, done.stderr))

    def test_a_run_that_fails_leaves_no_file(self):
        with tempfile.TemporaryDirectory() as folder:
            trace = pathlib.Path(folder, "bad.csv")
            bad = trace_file("nvme_randrw_k612_strict").read_bytes()
            trace.write_bytes(bad[:len(bad) // 2])
            done = run("run", MINIMAL, "--trace", trace, "-q", "--timeline",
                       pathlib.Path(folder, "t"))
            self.assertEqual(2, done.returncode)
            self.assertEqual(["bad.csv"], [f.name for f in pathlib.Path(folder).iterdir()])

    def test_the_sample_needs_a_timeline_and_a_number_above_zero(self):
        for options in (("--timeline-every", 3), ("--timeline", "t", "--timeline-every", 0)):
            done = run("run", MINIMAL, "--trace", "t", *options)
            self.assertEqual(2, done.returncode)
            self.assertIn("--timeline-every", done.stderr)


if __name__ == "__main__":
    unittest.main(argv=sys.argv)
