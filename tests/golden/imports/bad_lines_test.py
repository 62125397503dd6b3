"""`--skip-bad N`: so many bad lines are passed over and told, one more is the error it always is."""

import pathlib
import re
import tempfile
import unittest

from imports import records
from svasim_program import run

QEMU = ("1@1700000000.00000{n}:smmuv3_translate_success mr sid=0x8 iova=0x{n}000 "
        "translated=0x2000 perm=0x3\n")
GOOD = {
    "qemu-smmuv3": [QEMU.format(n=n) for n in range(1, 9)],
    "qemu-virtio-iommu": [f"1@1700000000.00000{n}:virtio_iommu_translate_out 0x{n}000 -> 0x9000 "
                          "for sid=8\n" for n in range(1, 9)],
    "page-runs": [f"R {n} 2\n" for n in range(1, 9)],
    "lackey": [f" L {n}000,8\n" for n in range(1, 9)],
    "fio-iolog": [f"{n} f sync 0 0\n" for n in range(1, 9)],
    "blkparse": [f"259,0 0 {n} 0.00000000{n} 1 D N 0 [x]\n" for n in range(1, 9)],
    "csv": [f"{n},A,0x8,,0x{n}000,64,R,,\n" for n in range(1, 9)],
}


HEADER = {"csv": ["#svasim-trace v1\n"], "fio-iolog": ["fio version 3 iolog\n"]}
# Those whose addresses say which line they are from.
ADDRESSED = ("qemu-smmuv3", "qemu-virtio-iommu", "page-runs", "lackey", "csv")


def spoiled(name, bad):
    """Eight good lines with `bad` behind the second and the fifth."""
    header = HEADER.get(name, [])
    good = GOOD[name]
    return "".join(header + good[:2] + [bad] + good[2:5] + [bad] + good[5:])


class BadLines(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory(prefix="svasim-test-")
        self.addCleanup(folder.cleanup)
        self.file = pathlib.Path(folder.name, "t")
        self.out = pathlib.Path(folder.name, "o.csv")

    def run_import(self, name, text, allowed):
        self.file.write_text(text, encoding="latin-1")
        return run("trace", "import", name, self.file, "-o", self.out, "--skip-bad", str(allowed))

    def test_every_text_format_passes_over_as_many_as_allowed(self):
        for name in GOOD:
            with self.subTest(name):
                done = self.run_import(name, spoiled(name, "what is this?\n"), 2)
                self.assertEqual(done.returncode, 0)
                first = 3 + len(HEADER.get(name, []))
                found = re.findall(rf"(?m)^  {self.file}:(\d+):\d+: ", done.stderr)
                self.assertEqual([int(n) for n in found], [first, first + 4])
                self.assertIn("svasim: 2 bad lines passed over, the first:\n", done.stderr)
                rows = [line for line in self.out.read_text().splitlines() if line[0] != "#"]
                if name not in ADDRESSED:  # of a block request the next takes the place
                    self.assertEqual(len(rows), {"fio-iolog": 16, "blkparse": 15}[name])
                    continue
                self.assertEqual([int(r.split(",")[4], 16) >> 12 for r in rows],
                                 list(range(1, 9)))

    def test_ftrace_text_too(self):
        event = "a-7 [000] ..... 1.00000{n}: {e}: IOMMU: iova=0x{n}000 - 0x{n}fff{p} size=4096\n"
        good = [event.format(n=n, e="unmap", p="") for n in range(1, 9)]
        text = "".join(good[:2] + ["what is this?\n"] + good[2:])
        self.assertEqual(self.run_import("ftrace", text, 0).returncode, 2)
        done = self.run_import("ftrace", text, 1)
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertIn(f"  {self.file}:3:1: expected TASK-PID", done.stderr)
        self.assertEqual(self.out.read_text().count(",C,0x"), 16)

    def test_one_more_is_the_usual_error_and_nothing_is_written(self):
        for name in GOOD:
            with self.subTest(name):
                done = self.run_import(name, spoiled(name, "what is this?\n"), 1)
                self.assertEqual(done.returncode, 2)
                last = 7 + len(HEADER.get(name, []))
                self.assertRegex(done.stderr, rf"\A{self.file}:{last}:\d+: [^\n]+\n\Z")
                self.assertFalse(self.out.exists())

    def test_none_is_passed_over_unless_asked(self):
        done = self.run_import("page-runs", "R 1 1\nR x 1\n", 0)
        self.assertEqual((done.returncode, done.stderr),
                         (2, f'{self.file}:2:3: expected a number, not "x 1"\n'))

    def test_only_the_first_five_are_told(self):
        done = self.run_import("page-runs", "R 1 1\n" + "bad\n" * 7 + "W 2 1\n", 10)
        self.assertEqual(done.returncode, 0)
        self.assertIn("svasim: 7 bad lines passed over, the first:\n", done.stderr)
        self.assertEqual(done.stderr.count("expected"), 5)

    def test_the_rest_of_a_line_that_is_too_long_is_none_of_its_own(self):
        long = "R " + "1" * 200000 + "\n"
        done = self.run_import("page-runs", "R 1 1\n" + long + "W 2 1\n", 1)
        self.assertEqual(done.returncode, 0)
        self.assertIn("  " + str(self.file) + ":2: the line is longer than 64 KiB\n", done.stderr)
        self.assertEqual(len([x for x in self.out.read_text().splitlines() if x[0] != "#"]), 2)

    def test_a_bad_line_leaves_no_time_behind(self):
        good = "0,A,0x8,,0x1000,64,R,,\n"
        text = "#svasim-trace v1\n" + good + "999999,A,0x8,,zero,64,R,,\n" + good
        done = self.run_import("csv", text, 1)
        self.assertEqual(done.returncode, 0, done.stderr)
        late = QEMU.format(n=2).replace("1700000000", "1800000000")
        text = QEMU.format(n=1) + late + QEMU.format(n=3)
        self.assertEqual(self.run_import("qemu-smmuv3", text, 1).returncode, 0)
        self.assertIn("2000000,A,0x8,,0x3000", self.out.read_text())

    def test_damaged_compressed_data_are_no_bad_line(self):
        self.file.write_bytes(b"\x1f\x8b\x08\x00\x00\x00\x00\x00\x00\x03\xff\xff\xff")
        done = run("trace", "import", "page-runs", self.file, "-o", self.out, "--skip-bad", "9")
        self.assertEqual(done.returncode, 2)
        self.assertIn("gzip data", done.stderr)

    def test_the_csv_that_is_written_reads_back_without_any(self):
        self.run_import("lackey", spoiled("lackey", "?\n"), 2)
        self.assertEqual(len(records(self.out)), 8)


if __name__ == "__main__":
    unittest.main()
