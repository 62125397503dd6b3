"""What README.md prints of the program's answers is what the program answers."""

import pathlib
import re
import shlex
import tempfile
import unittest

import svasim_program
from svasim_program import REPOSITORY, run_well

README = (REPOSITORY / "README.md").read_text(encoding="utf-8")
# A command line "./svasim ...", and the block of text behind it where there is one.
BLOCK = re.compile(r"```sh\n(?P<commands>[^`]*)```\n(?:\n```text\n(?P<answer>[^`]*)```)?")


def blocks():
    """(commands as argument lists, answer or None), with $T replaced."""
    for found in BLOCK.finditer(README):
        variables = dict(re.findall(r"(?m)^(\w+)=(\S+)$", found["commands"]))
        lines = [line for line in found["commands"].splitlines() if line.startswith("./svasim ")]
        for name, value in variables.items():
            lines = [line.replace(f"${name}", value) for line in lines]
        yield [shlex.split(line, comments=True)[1:] for line in lines], found["answer"]


def block_with(word):
    """The commands and the answer of the only block with a command that has this argument."""
    found = [b for b in blocks() if any(word in command for command in b[0])]
    if len(found) != 1:
        raise AssertionError(f"README.md has {len(found)} blocks with {word}")
    return found[0]


class Readme(unittest.TestCase):
    def answer(self, arguments):
        return run_well(*arguments, cwd=REPOSITORY).stdout

    def test_the_table_of_variants_is_what_its_command_prints(self):
        (command,), answer = block_with("--variants")
        self.assertIn(answer, self.answer(command))

    def test_the_five_commands_that_size_an_atc_answer_what_is_said_of_them(self):
        commands, _ = block_with("workloads/sweeps/nvme_atc.json")
        self.assertEqual([c[0] for c in commands], ["reuse", "sweep", "report", "advise", "run"])
        text = re.search(r"(?s)1\. `reuse`.*?5\. `run`", README)[0]
        misses, first = re.findall(r"(\d+\.\d\d) %", text)
        entries = re.search(r"(\d+) 8-way entries miss .*?,\s+(\d+) miss only the first touches "
                            r"of (\d+) pages", text)
        done = svasim_program.run(*commands[0], cwd=REPOSITORY)
        rows = {row.split()[0]: row.split() for row in done.stdout.splitlines() if "%" in row}
        self.assertEqual(rows[entries[1]][-2:], [misses, "%"])
        self.assertEqual(rows[entries[2]][-3:], [entries[3], first, "%"])

        points = re.search(r"`sweep` runs (\d+) combinations", text)[1]
        listed = self.answer([*commands[1], "--list"])
        self.assertEqual(len(listed.splitlines()), int(points))

        best, p99 = re.search(r"`advise` finds (\d+) entries .*?\n?.*?is\n\s+(\d+\.\d) ns", text,
                              re.S).groups()
        advice = svasim_program.run(*commands[3], cwd=REPOSITORY).stdout
        self.assertIn(f"smallest storage that meets it: device.atc.entries={best}\n", advice)
        self.assertRegex(advice, rf"(?m)^ +\d+ +{best} .* {p99} ns  met$")

        with tempfile.TemporaryDirectory() as folder:
            last = [a if a not in ("out512", "way.pftrace") else str(pathlib.Path(folder) / a)
                    for a in commands[4]]
            run_well(*last, "-q", cwd=REPOSITORY)
            for file in ("way.pftrace", "out512/report.html"):
                self.assertTrue((pathlib.Path(folder) / file).is_file())


if __name__ == "__main__":
    unittest.main()
