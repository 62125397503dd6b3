"""Bad input and usage: one clear line a problem, exit code 2, nothing left behind."""

import gzip
import pathlib
import resource
import shutil
import subprocess
import tempfile
import unittest

import bad_input
import svasim_program

# After a run AddressSanitizer no longer knows where the main stack lies (SystemC 2.3.4 switches
# coroutines), so that it takes a throw for a use of dead stack.
throws_after_a_run = unittest.skipIf(svasim_program.SANITIZED,
                                     "AddressSanitizer loses the main stack in SystemC")
CANNOT_WRITE = r"\Acannot write out/(report\.html|result\.json): "
RUN = ("run", "good.json", "--trace", "good.csv")


class Folder(unittest.TestCase):
    """A folder of its own, with a good platform and a good trace, where the program is run."""

    def setUp(self):
        self.folder = pathlib.Path(tempfile.mkdtemp(prefix="svasim-test-"))
        self.addCleanup(shutil.rmtree, self.folder)
        self.out = self.folder / "out"
        self.write({"good.json": "{}", "good.csv": bad_input.GOOD_TRACE})

    def write(self, files):
        for name, content in files.items():
            data = content if isinstance(content, bytes) else content.encode()
            (self.folder / name).write_bytes(data)

    def run_here(self, *arguments, **options):
        return svasim_program.run(*arguments, cwd=self.folder, **options)

    def left_behind(self):
        return sorted(p.name for p in self.out.glob("*"))


class BadInput(Folder):
    def test_the_same_with_good_input_succeeds(self):
        done = self.run_here(*RUN, "-q", "-o", "out")
        self.assertEqual((done.returncode, done.stdout, done.stderr), (0, "", ""))
        self.assertEqual(self.left_behind(), ["report.html", "result.json"])

    def test_every_row_is_told_exactly_and_leaves_nothing(self):
        for row in bad_input.ROWS:
            with self.subTest(row.claim):
                before = {"good.json", "good.csv", *row.files}
                self.write(row.files)
                given = row.arguments
                if given[:1] == ("run",) and "-o" not in given and len(given) > 1:
                    given += ("-o", "out")
                done = self.run_here(*given)
                self.assertEqual(done.stderr, row.stderr)
                self.assertEqual(done.returncode, 2)
                self.assertEqual(done.stdout, "")
                self.assertEqual(self.left_behind(), [])
                shutil.rmtree(self.out, ignore_errors=True)
                self.assertEqual({p.name for p in self.folder.iterdir()}, before)
                for name in row.files:
                    (self.folder / name).unlink()

    def test_damage_that_shows_up_in_the_middle_of_a_run_is_an_input_error_too(self):
        source = svasim_program.trace_file("nvme_randrw_k612_strict")
        svasim_program.run_well("trace", "convert", source, "whole.svt", cwd=self.folder)
        whole = (self.folder / "whole.svt").read_bytes()
        self.write({"bad.svt": bad_input.flipped(whole, 3000)})
        done = self.run_here("run", "good.json", "--trace", "bad.svt", "-o", "out")
        self.assertEqual(done.stderr, "bad.svt: damaged block at byte 16\n")
        self.assertEqual(done.returncode, 2)
        self.assertEqual(self.left_behind(), [])

    def test_terminal_control_characters_of_an_input_are_escaped(self):
        self.write({"p.json": '{"\\u001b[31mred": 1}'})
        done = self.run_here("run", "p.json", "--trace", "good.csv")
        self.assertEqual(done.stderr, 'p.json:1:2: unknown key "\\x1b[31mred"\n')
        self.assertEqual(done.returncode, 2)

    def test_a_gzip_bomb_is_refused_in_little_memory(self):
        self.write({"t": gzip.compress(b"1@2.000003:smmu" + bytes(256 << 20), 9, mtime=0)})
        limit = 512 << 20 if not svasim_program.SANITIZED else resource.RLIM_INFINITY
        done = self.run_here("run", "good.json", "--trace", "t", "-o", "out", preexec_fn=lambda:
                             resource.setrlimit(resource.RLIMIT_AS, (limit, limit)))
        self.assertEqual(done.stderr, "t:1: the line is longer than 64 KiB\n")
        self.assertEqual(done.returncode, 2)


class FullDisk(Folder):
    def old_results(self):
        self.out.mkdir()
        self.write({"out/result.json": "old result", "out/report.html": "old report"})

    def old_results_stand(self):
        self.assertEqual(self.left_behind(), ["report.html", "result.json"])
        self.assertEqual((self.out / "result.json").read_text(), "old result")
        self.assertEqual((self.out / "report.html").read_text(), "old report")

    @throws_after_a_run
    def test_files_that_may_not_grow_leave_nothing_behind(self):
        for limit in (0, 1000, 20000):
            with self.subTest(limit=limit):
                done = self.run_here(*RUN, "-o", "out", preexec_fn=lambda: resource.setrlimit(
                    resource.RLIMIT_FSIZE, (limit, limit)))
                self.assertRegex(done.stderr, CANNOT_WRITE + r"File too large\n\Z")
                self.assertEqual(done.returncode, 2)
                self.assertEqual(self.left_behind(), [])

    @throws_after_a_run
    def test_files_that_may_not_grow_leave_the_results_of_the_run_before(self):
        self.old_results()
        done = self.run_here(*RUN, "-o", "out", preexec_fn=lambda: resource.setrlimit(
            resource.RLIMIT_FSIZE, (20000, 20000)))
        self.assertEqual(done.returncode, 2)
        self.old_results_stand()

    @throws_after_a_run
    def test_a_full_file_system_leaves_nothing_behind(self):
        self.out.mkdir()
        mounted = ('mount -t tmpfs -o size="$1"k tmpfs out || exit 77; shift; "$@"; code=$?; '
                   'ls -A out; exit $code')
        self.run_here(*RUN, "-q", "-o", "whole")
        sizes = [f.stat().st_size // 1024 for f in (self.folder / "whole").iterdir()]
        for kib in (4, min(sizes) + 4, max(sizes) + 12):  # none, one of the two
            with self.subTest(kib=kib):
                done = subprocess.run(
                    ["unshare", "--mount", "--map-root-user", "sh", "-c", mounted, "sh", str(kib),
                     svasim_program.PROGRAM, *RUN, "-q", "-o", "out"],
                    cwd=self.folder, capture_output=True, text=True, check=False)
                if done.returncode in (1, 77) and "cannot write" not in done.stderr:
                    self.skipTest(f"no tmpfs may be mounted here: {done.stderr.strip()}")
                self.assertRegex(done.stderr, CANNOT_WRITE + r"No space left on device\n\Z")
                self.assertEqual((done.returncode, done.stdout), (2, ""))

    def test_standard_output_that_is_full_is_an_error(self):
        for arguments in (("schema",), ("reference",), RUN):
            with self.subTest(arguments), open("/dev/full", "w", encoding="utf-8") as full:
                done = subprocess.run([svasim_program.PROGRAM, *arguments], cwd=self.folder,
                                      stdout=full, stderr=subprocess.PIPE, text=True, check=False)
                self.assertTrue(done.stderr.endswith(
                    "cannot write standard output: No space left on device\n"), done.stderr)
                self.assertEqual(done.returncode, 2)


if __name__ == "__main__":
    unittest.main()
