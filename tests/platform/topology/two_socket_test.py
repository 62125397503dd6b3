"""The example platform with several of everything: what a run of it tells."""

import json
import pathlib
import tempfile
import unittest

import svasim_program

PLATFORM = svasim_program.REPOSITORY / "platforms" / "two-socket.json"
WORKLOAD = {"pattern": "random", "accesses": 4000, "footprint": "1MiB", "streams": 8,
            "first_stream": 1}


class TwoSocket(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.folder = tempfile.TemporaryDirectory(prefix="svasim-test-")
        cls.addClassCleanup(cls.folder.cleanup)
        cls.workload = pathlib.Path(cls.folder.name, "w.json")
        cls.workload.write_text(json.dumps(WORKLOAD), encoding="utf-8")
        cls.out = pathlib.Path(cls.folder.name, "out")
        done = svasim_program.run("run", PLATFORM, "--workload", cls.workload, "-o", cls.out,
                                  "--check", "--check-protocol")
        if done.returncode != 0:
            raise svasim_program.Failed(done.stderr)
        cls.summary = done.stdout
        cls.result = json.loads((cls.out / "result.json").read_text(encoding="utf-8"))

    def test_every_device_has_the_requests_of_its_streams(self):
        requests = {d["name"]: d["requests"] for d in self.result["devices"]}
        self.assertEqual(requests, {"nic": 500, "nvme0": 500, "nvme1": 500, "nvme2": 500,
                                    "fpga": 500, "gpu": 1000, "spare": 500})
        self.assertEqual(self.result["run"]["completed"], 4000)
        self.assertEqual(sum(d["bytes"] for d in self.result["devices"]),
                         self.result["run"]["bytes"])

    def test_summary_and_report_have_a_table_of_devices(self):
        report = (self.out / "report.html").read_text(encoding="utf-8")
        for device in self.result["devices"]:
            self.assertIn(f"\n  {device['name']} ", self.summary)
            self.assertIn(f"<tr><td>{device['name']}</td>", report)

    def test_systemc_has_nothing_to_warn_of(self):
        self.assertTrue(self.summary.startswith("w.json on two-socket"), self.summary[:200])

    def test_structures_carry_the_names_of_what_they_are_in(self):
        paths = [s["path"] for s in self.result["structures"]]
        for path in ("smmu.s0a.tbu1.utlb", "smmu.s0b.tbu.main_tlb", "smmu.s1a.tcu.configuration_cache",
                     "memory.s1.system_level_cache"):
            self.assertIn(path, paths)
        self.assertEqual(len(paths), len(set(paths)))

    def test_a_copied_value_has_the_source_of_what_it_was_copied_from(self):
        provenance = self.result["platform"]["provenance"]
        self.assertEqual(provenance["topology.devices.2.device.dma.outstanding_reads"],
                         provenance["device.dma.outstanding_reads"])
        self.assertEqual(provenance["topology.root_complexes.0.ports.0.link.lanes"],
                         provenance["pcie.link.lanes"])
        self.assertEqual(provenance["topology.root_complexes.0.ports.1.link.lanes"],
                         "A: a slot of eight lanes")

    def test_an_override_of_one_element_leaves_the_others(self):
        result = svasim_program.result(
            PLATFORM, "--workload", self.workload,
            "--set", "topology.devices[1].device.dma.outstanding_reads=1")
        of = {d["name"]: d["time_ps"] for d in result["devices"]}
        before = {d["name"]: d["time_ps"] for d in self.result["devices"]}
        self.assertGreater(of["nvme0"], 2 * before["nvme0"])
        self.assertEqual(of["gpu"] > 2 * before["gpu"], False)

    def test_an_sva_workload_runs_on_all_devices(self):
        sva = pathlib.Path(self.folder.name, "sva.json")
        sva.write_text(json.dumps({"kind": "sva", "vms": 7, "buffer": "32KiB", "messages": 2}),
                       encoding="utf-8")
        for variant, clusters in (("a", "HK"), ("d", "GK")):
            result = svasim_program.result(PLATFORM, "--workload", sva, "--check",
                                           "--set", "variant=" + variant)
            faults = {d["name"]: d["faults"] for d in result["devices"]}
            self.assertEqual(faults, {n: 8 for n in ("nic", "nvme0", "nvme1", "nvme2", "fpga",
                                                     "gpu", "spare")})
            self.assertEqual(result["sva"]["faults"], 56)
            for cluster in ("cpu_s0c", "cpu_s1c"):
                used = result["statistics"]["cpu"][cluster]["cpu_time"]
                self.assertGreater(used[clusters.lower()], 0)

    def test_the_table_of_devices_has_their_faults(self):
        sva = svasim_program.REPOSITORY / "workloads" / "sva_first_touch.json"
        done = svasim_program.run("run", PLATFORM, "--workload", sva)
        self.assertEqual((done.returncode, done.stdout.count("page faults")), (0, 1))

    def test_a_device_that_is_not_there_is_told_with_the_workload(self):
        sva = pathlib.Path(self.folder.name, "unknown.json")
        sva.write_text(json.dumps({"kind": "sva", "devices": {"names": "nic,tape"}}),
                       encoding="utf-8")
        done = svasim_program.run("run", PLATFORM, "--workload", sva)
        self.assertEqual((done.returncode, done.stderr), (2, (
            f"{sva}: devices.names: the platform has no device \"tape\"\n")))


if __name__ == "__main__":
    unittest.main()
