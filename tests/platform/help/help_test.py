"""Help: every command has an example, and its examples are legal; manual page and completion say
what the command line says."""

import re
import shlex
import shutil
import subprocess
import sys
import tempfile
import unittest

from svasim_program import PROGRAM, REPOSITORY, run, run_well

USAGE = "Run with --help for more information."


def help_of(command):
    return run_well(*command, "--help").stdout


def subcommands(text):
    """The names in the list of subcommands of a help text."""
    listed = re.search(r"^Subcommands:\n((?:  .*\n|\n)*)", text, re.MULTILINE)
    return re.findall(r"^  (\S+)", listed.group(1), re.MULTILINE) if listed else []


def tree(command=()):
    """{command: help text} of every command without commands of its own, and of the program."""
    text = help_of(command)
    below = subcommands(text)
    out = {} if below and command else {command: text}
    for name in below:
        out |= tree((*command, name))
    return out


def examples(text):
    """The arguments of each example in a help text, without what a shell makes of the rest."""
    out = []
    for line in re.findall(r"^ +(?:source <\()?svasim ([^>|)\n]*)", text.split("xample", 1)[1],
                           re.MULTILINE):
        out.append(shlex.split(line))
    return out


class Help(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.tree = tree()

    def test_there_are_the_commands_of_the_readme(self):
        for command in ("run", "translate", "reuse", "report", "bench", "sweep", "compare",
                        "advise", "validate", "schema", "reference", "man"):
            self.assertIn((command,), self.tree)
        for command in (("trace", "info"), ("platform", "show"), ("completion", "bash")):
            self.assertIn(command, self.tree)

    def test_every_command_has_an_example_of_itself(self):
        for command, text in self.tree.items():
            with self.subTest(command):
                self.assertIn("\nExample", text)
                found = examples(text)
                self.assertTrue(found)
                for example in found:
                    self.assertEqual(list(command), example[:len(command)])

    def test_every_example_is_a_legal_command_line(self):
        # Where none of the files are, a good command line fails for want of them.
        with tempfile.TemporaryDirectory() as empty:
            for text in self.tree.values():
                for example in examples(text):
                    with self.subTest(example):
                        done = run(*example, cwd=empty)
                        self.assertIn(done.returncode, (0, 2))
                        self.assertNotIn(USAGE, done.stderr)

    def test_an_example_with_a_fault_would_be_found(self):
        with tempfile.TemporaryDirectory() as empty:
            done = run("run", "platforms/minimal.json", "--tracee", "x", cwd=empty)
            self.assertIn(USAGE, done.stderr)

    def test_the_files_of_the_examples_are_in_the_repository(self):
        for text in self.tree.values():
            for example in examples(text):
                for word in example:
                    if word.startswith(("platforms/", "workloads/")):
                        self.assertTrue((REPOSITORY / word).is_file(), word)


class Manual(unittest.TestCase):
    def test_it_has_every_command_and_option(self):
        page = run_well("man").stdout.replace("\\-", "-")
        for command, text in tree().items():
            if command:
                self.assertIn(f".SS \\fBsvasim {' '.join(command)}\\fR", page)
            for option in re.findall(r"^  (?:-\w,)?(--[\w-]+)", text, re.MULTILINE):
                self.assertIn(f"\\fB{option}\\fR", page)

    @unittest.skipUnless(shutil.which("groff"), "no groff")
    def test_troff_finds_no_fault_in_it(self):
        done = subprocess.run(["groff", "-man", "-Tutf8", "-ww", "-z"],
                              input=run_well("man").stdout, capture_output=True, text=True,
                              check=False)
        self.assertEqual((0, ""), (done.returncode, done.stderr))


class Reference(unittest.TestCase):
    def test_each_kind_of_file_has_one_with_its_title_and_its_parameters(self):
        for kind, title, parameter in (("platform", "Platform parameters", "smmu.tcu.walk_slots"),
                                       ("workload", "Workload parameters", "footprint"),
                                       ("sva", "SVA workload parameters", "storm_pages")):
            with self.subTest(kind):
                text = run_well("reference", kind).stdout
                self.assertTrue(text.startswith(f"# {title}\n"), text[:60])
                self.assertIn(parameter, text)


class Completion(unittest.TestCase):
    SCRIPT = """
source <("$1" completion bash)
COMP_WORDS=("${@:2}")
COMP_CWORD=$((${#COMP_WORDS[@]} - 1))
_svasim
printf '%s\\n' "${COMPREPLY[@]}"
complete -p svasim >&2
"""

    def complete(self, *words):
        done = subprocess.run(["bash", "-c", self.SCRIPT, "bash", PROGRAM, "svasim", *words],
                              capture_output=True, text=True, check=True)
        self.assertEqual("complete -o bashdefault -o default -F _svasim svasim\n", done.stderr)
        return done.stdout.split()

    def test_commands_are_completed(self):
        self.assertEqual(["reuse", "reference", "report", "run"],
                         sorted(self.complete("r"), key=["reuse", "reference", "report",
                                                         "run"].index))
        self.assertEqual(["info", "import"], self.complete("trace", "i"))
        self.assertEqual(["bash"], self.complete("completion", ""))

    def test_options_are_those_of_the_command(self):
        self.assertEqual(["--timeline", "--timeline-every"], self.complete("run", "--timel"))
        self.assertEqual(["--speed"], self.complete("trace", "info", "--sp"))
        self.assertEqual([], self.complete("report", "--timel"))

    def test_values_are_completed_where_they_are_known_and_left_to_files_elsewhere(self):
        self.assertEqual(["slurm"], self.complete("sweep", "--engine", "s"))
        self.assertEqual([], self.complete("run", "--trace", ""))
        self.assertEqual([], self.complete("run", "platforms/"))


if __name__ == "__main__":
    unittest.main(argv=sys.argv)
