"""Recorded traces in every table mode, and with the isolation checker."""

import unittest

import svasim_program
from svasim_program import settings, trace_file

STRICT = "nvme_randrw_k612_strict"  # two streams with an ASID each
LAZY = "nvme_randrw_4jobs_lazy"
PASSTHROUGH = "nvme_vfio_guest_2m_blocks"
ACCESSES = {STRICT: 4877, LAZY: 39898, PASSTHROUGH: 34838}


def replay(trace, *options, **values):
    return svasim_program.result(svasim_program.MINIMAL, "--trace", trace_file(trace), *options,
                                 *settings(**values))


def main_tlb_counts(result):
    tlb = next(s for s in result["structures"] if s["path"] == "smmu.tbu.main_tlb")
    return tlb["hits"], tlb["misses"], tlb["invalidated"]


class Modes(unittest.TestCase):
    def complete(self, trace, result):
        """Every access was made and went to the output in the trace."""
        self.assertEqual(result["run"]["completed"], ACCESSES[trace])
        self.assertEqual(result["run"]["faulted"], 0)
        self.assertEqual(result["statistics"]["device"]["dma"]["output_mismatches"], 0)

    def test_a_trace_of_faults_only_gives_a_result_that_says_so(self):
        for trace, events in (("dma_to_unmapped", 64), ("dma_without_stream_entry", 8)):
            with self.subTest(trace):
                result = replay(trace)
                self.assertEqual(result["run"]["note"],
                                 f"the trace holds no accesses, only {events} fault events")
                self.assertEqual(result["run"]["accesses"], 0)
                self.assertEqual(result["input"]["events"], events)

    def test_nested_tables_give_the_outputs_and_the_misses_of_stage_1_alone(self):
        for trace in (STRICT, PASSTHROUGH):
            stage1 = replay(trace)
            for page in ("4KiB", "2MiB", "1GiB"):
                with self.subTest(trace, stage2_page_size=page):
                    nested = replay(trace, tables__mode="nested", tables__stage2_page_size=page)
                    self.complete(trace, nested)
                    self.assertEqual(main_tlb_counts(nested), main_tlb_counts(stage1))
                    self.assertGreater(nested["walks"]["reads"], stage1["walks"]["reads"])

    def test_a_nested_walk_without_walk_caches_reads_each_level_of_each_stage_2_walk(self):
        off = {f"smmu__tcu__walk_cache__s{s}_l{l}__{what}": 0
               for s in (1, 2) for l in (0, 1, 2) for what in ("entries", "ways")}
        reads = [replay(STRICT, tables__mode="nested", tables__stage2_page_size=page, **off)
                 ["walks"]["reads"] for page in ("1GiB", "2MiB", "4KiB")]
        walks = replay(STRICT, tables__mode="nested", **off)["walks"]["count"]
        # Four tables of stage 1 and the output lie at IPAs, as do the CDs of the two streams.
        self.assertEqual(reads, [walks * (5 * stage2 + 4) + 2 * stage2 for stage2 in (2, 3, 4)])

    def test_stage_2_alone_misses_where_stage_1_does(self):
        for trace in (STRICT, LAZY, PASSTHROUGH):
            with self.subTest(trace):
                stage2 = replay(trace, tables__mode="stage2")
                self.complete(trace, stage2)
                self.assertEqual(main_tlb_counts(stage2), main_tlb_counts(replay(trace)))

    def test_stage_2_alone_is_invalidated_by_commands_for_stage_2(self):
        strict = replay(STRICT, tables__mode="stage2")["run"]["commands_by_opcode"]
        self.assertEqual(strict, {"SYNC": 713, "TLBI_S2_IPA": 713})
        lazy = replay(LAZY, tables__mode="stage2")["run"]["commands_by_opcode"]
        self.assertEqual(set(lazy), {"SYNC", "TLBI_S12_VMALL"})

    def test_bypassed_streams_walk_no_table(self):
        for trace in (STRICT, LAZY):
            with self.subTest(trace):
                result = replay(trace, tables__mode="bypass")
                self.complete(trace, result)
                self.assertEqual(result["walks"]["reads"], 0)

    def test_the_isolation_checker_passes_in_every_mode(self):
        for trace in (STRICT, LAZY, PASSTHROUGH):
            for mode in ("bypass", "stage1", "stage2", "nested"):
                with self.subTest(trace, mode=mode):
                    self.complete(trace, replay(trace, "--check", tables__mode=mode))

    def test_the_isolation_checker_passes_while_accesses_overlap(self):
        for mode in ("stage1", "nested"):
            for tag in ("stream", "asid"):
                with self.subTest(mode=mode, tag=tag):
                    self.complete(STRICT, replay(
                        STRICT, "--check", device__dma__mode="closed", tables__mode=mode,
                        smmu__tbu__tag=tag, smmu__tbu__span="leaf"))


if __name__ == "__main__":
    unittest.main()
