"""`svasim reuse` as a user meets it: options, JSON, files, errors."""

import json
import os
import pathlib
import re
import tempfile
import unittest

import svasim_program
from svasim_program import run, trace_file

TRUTH = json.loads((svasim_program.REPOSITORY / "tests/golden/ground_truth.json").read_text())
OTHER_TRUTH = json.loads(pathlib.Path(__file__).with_name("ground_truth.json").read_text())
STRICT = "nvme_randrw_k612_strict"  # two streams
SIZES = [16, 32, 64, 128, 256, 512, 1024, 2048, 4096]
PASIDS = """#svasim-trace v1
#stream,0x8,asid=1,vmid=0
0,A,0x8,0x5,0x1000,64,R,,
0,A,0x8,0x6,0x1000,64,R,,
0,A,0x8,,0x201000,64,W,,
"""


def curves(*arguments):
    """stdout of `svasim reuse --json` as read; throws AssertionError unless it ends with 0."""
    done = run("reuse", *arguments, "--json", "-q")
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


def find(result, scope, ways, invalidations, page_bytes=4096):
    one, = (c for c in result["curves"]
            if (c["scope"], c["ways"], c["invalidations"], c["page_bytes"])
            == (scope, ways, invalidations, page_bytes))
    return {p["entries"]: p["misses"] for p in one["points"]}


class Reuse(unittest.TestCase):
    def refused(self, message, *arguments):
        done = run("reuse", *arguments, "-q")
        self.assertEqual((done.returncode, done.stdout), (2, ""))
        self.assertEqual(done.stderr, message + "\n")

    def test_json_holds_the_misses_of_ground_truth(self):
        truth = TRUTH["smmuv3/" + STRICT]
        result = curves(trace_file(STRICT), "--ways", 4)
        self.assertEqual(result["accesses"], truth["accesses"])
        self.assertEqual(result["runs"], truth["accesses"])
        self.assertEqual(result["distinct_pages"], truth["distinct_pages"])
        for invalidations, rule in ((False, "no_invalidation"), (True, "with_invalidation")):
            for ways, shape in ((0, "fully_assoc_lru"), (4, "set_assoc_4way_lru")):
                points = find(result, "total", ways, invalidations)
                self.assertEqual(list(points), SIZES)
                for entries, expected in truth["tlb"][rule][shape].items():
                    self.assertEqual(points[int(entries)], expected["misses"])

    def test_json_has_no_other_members_than_asked_for(self):
        result = curves(trace_file(STRICT))
        self.assertEqual(set(result), {"accesses", "runs", "distinct_pages", "curves"})
        self.assertEqual([(c["scope"], c["invalidations"]) for c in result["curves"]],
                         [(s, i) for s in ("total", "sid:0x8", "sid:0x10") for i in (False, True)])
        for c in result["curves"]:
            self.assertEqual(set(c), {"scope", "page_bytes", "ways", "invalidations", "points"})
            self.assertIs(type(c["invalidations"]), bool)
            for p in c["points"]:
                self.assertEqual(set(p), {"entries", "misses"})

    def test_streams_that_share_nothing_add_up_without_a_limit(self):
        result = curves(trace_file(STRICT), "--max-entries", 65536)
        points = [find(result, s, 0, True) for s in ("total", "sid:0x8", "sid:0x10")]
        self.assertEqual(list(points[0]), SIZES + [8192, 16384, 32768, 65536])
        self.assertEqual(points[0][65536], points[1][65536] + points[2][65536])

    def test_page_sizes_are_separate_curves(self):
        result = curves(trace_file(STRICT), "--page", "4K,16KiB,2M", "--total")
        self.assertEqual([c["page_bytes"] for c in result["curves"]],
                         [4096, 4096, 16384, 16384, 2 << 20, 2 << 20])
        small, large = (find(result, "total", 0, False, size) for size in (4096, 2 << 20))
        self.assertLess(large[4096], small[4096])
        self.assertEqual(result["distinct_pages"], TRUTH["smmuv3/" + STRICT]["distinct_pages"])

    def test_pasids_have_scopes_of_their_own(self):
        with tempfile.TemporaryDirectory(prefix="svasim-test-") as folder:
            trace = pathlib.Path(folder, "pasids.csv")
            trace.write_text(PASIDS)
            result = curves(trace)
        misses = {c["scope"]: c["points"][0]["misses"] for c in result["curves"]}
        self.assertEqual(misses, {"total": 2, "sid:0x8": 2, "pasid:0x8/5": 1, "pasid:0x8/6": 1})

    def test_causes_add_up_to_the_misses(self):
        result = curves(trace_file(STRICT), "--ways", 4, "--3c")
        for c in result["curves"]:
            for p in c["points"]:
                self.assertEqual(p["misses"], p["compulsory"] + p["coherence"] + p["capacity"]
                                 + p["conflict"])
                if not c["invalidations"]:
                    self.assertEqual(p["coherence"], 0)
                if c["ways"] == 0:
                    self.assertEqual(p["conflict"], 0)

    def test_a_sample_tells_its_error(self):
        result = curves(trace_file("igb_tcp_tx_lazy"), "--sample", "0.1", "--total")
        for c in result["curves"]:
            exact, estimate = c["points"], c["sample"]["points"]
            accesses = result["accesses"]
            off = sum(abs(e["misses"] - s["misses"]) for e, s in zip(exact, estimate))
            ppm = off * 1000000 / (accesses * len(exact))
            self.assertAlmostEqual(c["sample"]["mean_absolute_error_ppm"], ppm, delta=1)
            self.assertLess(ppm, 50000)

    def test_the_output_is_the_same_every_time(self):
        options = (trace_file(STRICT), "--ways", 4, "--3c", "--sample", "0.2", "--json")
        self.assertEqual(run("reuse", *options, "-q").stdout, run("reuse", *options, "-q").stdout)

    def test_text_has_a_table_and_where_curves_flatten(self):
        done = run("reuse", trace_file("nvme_randread4k_qd1_walks_strict"), "--ways", 4, "-q")
        self.assertEqual(done.returncode, 0)
        self.assertTrue(done.stdout.isascii())
        lines = done.stdout.splitlines()
        self.assertEqual(lines[0],
                         "total, pages of 4KiB: 8,192 accesses to 28 pages; misses with LRU")
        truth = TRUTH["smmuv3/nvme_randread4k_qd1_walks_strict"]["tlb"]
        rules = ("no_invalidation", "with_invalidation")
        sixty_four, = (line for line in lines[:12] if line.split()[0] == "64")
        misses = [int(n.replace(",", ""))
                  for n in re.findall(r"([\d,]+) +<?\d+\.\d+ %", sixty_four)]
        self.assertEqual(misses, [truth[rule][shape]["64"]["misses"]
                                  for shape in ("fully_assoc_lru", "set_assoc_4way_lru")
                                  for rule in rules])
        self.assertIn("  fully associative, none invalidated: without limit 28 misses; ",
                      done.stdout)

    def test_a_file_is_written_whole(self):
        with tempfile.TemporaryDirectory(prefix="svasim-test-") as folder:
            out = pathlib.Path(folder, "curves.json")
            done = run("reuse", trace_file(STRICT), "--json", "-q", "-o", out)
            self.assertEqual((done.returncode, done.stdout), (0, ""))
            self.assertEqual(json.loads(out.read_text()), curves(trace_file(STRICT)))
            self.assertEqual([p.name for p in pathlib.Path(folder).iterdir()], ["curves.json"])

    def test_a_pipe_is_not_replaced_by_a_file(self):
        with tempfile.TemporaryDirectory(prefix="svasim-test-") as folder:
            pipe = pathlib.Path(folder, "pipe")
            os.mkfifo(pipe)
            self.refused(f"cannot write {pipe}: not a regular file",
                         trace_file(STRICT), "-o", pipe)
            self.assertTrue(pipe.is_fifo())

    def test_speed_is_told_on_stderr(self):
        self.assertEqual(run("reuse", trace_file(STRICT), "--total", "-q").stderr, "")
        done = run("reuse", trace_file(STRICT), "--total")
        self.assertRegex(done.stderr,
                         r"\Areuse: 4,877 accesses read and counted in \d+\.\d\d s\n")
        for rule in ("none invalidated", "with invalidations"):
            self.assertRegex(done.stderr,
                             r"\nreuse: \d+\.\d M accesses/s exact, fully associative, " + rule
                             + r" \(4,877 accesses repeated [\d,]+ times, "
                             r"\d\.\d\d s of CPU time\)\n")

    def test_a_trace_without_accesses_gives_zeros(self):
        result = curves(trace_file("dma_to_unmapped"))
        self.assertEqual(result["accesses"], 0)
        self.assertEqual({p["misses"] for c in result["curves"] for p in c["points"]}, {0})

    def test_runs_and_single_accesses_of_a_program(self):
        truth = OTHER_TRUTH["app/sqlite"]
        trace = svasim_program.REPOSITORY / "workloads/traces/app_sqlite.pages.txt.gz"
        result = curves(trace, "--ways", 4)
        self.assertEqual((result["accesses"], result["runs"]), (2000000, truth["runs"]))
        for ways, shape in ((0, "fully_assoc_lru"), (4, "set_assoc_4way_lru")):
            points = find(result, "total", ways, True)
            for entries, expected in truth["tlb"]["no_invalidation"][shape].items():
                self.assertEqual(points[int(entries)], expected["misses"])

    def test_a_converted_virtio_iommu_log_has_the_misses_of_the_log(self):
        log = trace_file("virtio_iommu_virtio_net_tcp_rx")
        with tempfile.TemporaryDirectory(prefix="svasim-test-") as folder:
            for name in ("t.svt", "t.csv"):
                converted = pathlib.Path(folder, name)
                svasim_program.run_well("trace", "convert", log, converted)
                self.assertEqual(curves(converted, "--ways", 4), curves(log, "--ways", 4))

    def test_bad_options_are_told(self):
        trace = trace_file(STRICT)
        for page, why in (("3K", "a page size is a power of two"),
                          ("0", "a page size is a power of two"),
                          ("K", "not a page size"), ("4k", "not a page size"),
                          ("4KB", "not a page size"), ("-4K", "not a page size"),
                          ("99999999999999999999", "not a page size"),
                          ("256T", "a page size is at most 128T")):
            self.refused(f"--page {page}: {why}, such as 4K, 64K or 2M", trace, f"--page={page}")
        self.refused("--page 4096: given twice", trace, "--page", "4K,4096")
        self.refused("--ways 0: a number of ways is at least 1", trace, "--ways", 0)
        self.refused("--ways 3: a number of ways is a power of two of at most 1024",
                     trace, "--ways", 3)
        self.refused("--max-entries 5000: the largest size is a power of two from 4096 to 1048576",
                     trace, "--max-entries", 5000)
        self.refused("--max-entries -5: below 0", trace, "--max-entries", -5)
        self.refused("--max-pages 0: a number from 1 to 134217728", trace, "--max-pages", 0)
        self.refused("--sample 2: a rate is above 0 and at most 1, such as 0.01, with at most nine "
                     "decimals", trace, "--sample", 2)
        self.refused("the trace has more than 10 distinct pages of 4KiB: choose larger ones with "
                     "--page, or raise --max-pages", trace, "--max-pages", 10)

    def test_a_missing_trace_is_told(self):
        self.refused("cannot open no-such-file: No such file or directory", "no-such-file")

    def test_help_has_an_example(self):
        self.assertIn("Example:\n  svasim reuse workloads/traces/", run("reuse", "--help").stdout)


if __name__ == "__main__":
    unittest.main()
