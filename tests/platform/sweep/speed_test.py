"""A sweep of 200 points keeps two processors busy, and costs little beside its simulations."""

import os
import resource
import time
import unittest

import svasim_program
import sweeps

TWO_HUNDRED = {"path": "smmu.tcu.walk_slots", "from": 1, "to": 200}


def processor_times(processors):
    """Busy and all ticks of these processors since boot; waiting for the disk is not busy."""
    busy = whole = 0
    with open("/proc/stat", encoding="ascii") as file:
        for line in file:
            name, *ticks = line.split()
            if name in {f"cpu{p}" for p in processors}:
                ticks = [int(t) for t in ticks[:8]]
                whole += sum(ticks)
                busy += sum(ticks) - ticks[3] - ticks[4]
    return busy, whole


class Measured:
    """Processor time that a piece of work used, and what else the processors did meanwhile."""

    def __init__(self, processors):
        self.processors = processors
        self.ticks = processor_times(processors)
        self.used = resource.getrusage(resource.RUSAGE_CHILDREN)
        self.begin = time.monotonic()

    def end(self):
        self.wall = time.monotonic() - self.begin
        used = resource.getrusage(resource.RUSAGE_CHILDREN)
        self.own = sum(used[:2]) - sum(self.used[:2])
        busy, whole = (after - before for after, before in
                       zip(processor_times(self.processors), self.ticks))
        tick = os.sysconf("SC_CLK_TCK")
        self.idle = (whole - busy) / tick
        self.others = max(0.0, busy / tick - self.own)
        return self


@unittest.skipIf(svasim_program.SANITIZED, "sanitizers need time of their own")
class Speed(sweeps.Folder):
    def test_two_processors_are_busy_nine_tenths_of_the_time(self):
        pair = sorted(os.sched_getaffinity(0))[:2]
        if len(pair) < 2:
            self.skipTest("one processor only")
        spec = self.spec(axes=[TWO_HUNDRED], set={"workload.accesses": 100_000})
        work = Measured(pair)
        done = self.sweep(spec, "-o", "out", "-j", "2", "-q",
                          preexec_fn=lambda: os.sched_setaffinity(0, pair))
        work.end()
        self.assertEqual((done.returncode, done.stderr), (0, ""))
        # What other programs take is not the sweep's to use; what is idle would have been.
        share = work.own / (work.own + work.idle)
        print(f"200 points of 100000 accesses: {work.wall:.1f} s, {share:.1%} of two processors "
              f"busy ({work.others:.1f} s taken by other programs)")
        self.assertGreaterEqual(share, 0.9)

    def test_a_point_costs_less_than_30_ms_beside_its_simulation(self):
        # One access in a small footprint: building the platform is all there is to simulate.
        spec = self.spec(axes=[TWO_HUNDRED],
                         set={"workload.accesses": 1, "workload.cold_footprint": "64KiB"})
        processors = sorted(os.sched_getaffinity(0))
        best = None
        for i in range(3):
            work = Measured(processors)
            self.sweep_well(spec, "-o", f"out{i}", "-j", "1", "-q")
            work.end()
            if best is None or work.wall < best.wall:
                best = work
        print(f"a point of one access: {best.wall * 5:.1f} ms, {best.own * 5:.1f} ms of them "
              "processor time")
        self.assertLess(best.own / 200, 0.030)
        if best.others < 0.1 * best.wall:  # else it waited for processors
            self.assertLess(best.wall / 200, 0.030)


if __name__ == "__main__":
    unittest.main()
