"""`svasim trace import` and `trace info` as a test sees them."""

import pathlib
import re
import tempfile

from svasim_program import run, run_well


def imported(*arguments, name="out.svt"):
    """(stdout, stderr, bytes of the file) of a good import to a file of this name."""
    with tempfile.TemporaryDirectory(prefix="svasim-test-") as folder:
        out = pathlib.Path(folder, name)
        done = run("trace", "import", *arguments, "-o", out)
        assert done.returncode == 0, done.stderr
        return done.stdout.replace(folder + "/", ""), done.stderr, out.read_bytes()


def records(*arguments):
    """The lines of the CSV form, as lists of columns, without comments."""
    text = imported(*arguments, name="out.csv")[2].decode()
    return [line.split(",") for line in text.splitlines() if not line.startswith("#")]


def info_of(*arguments):
    """`trace info` of the .svt that importing gives."""
    with tempfile.TemporaryDirectory(prefix="svasim-test-") as folder:
        out = pathlib.Path(folder, "out.svt")
        done = run("trace", "import", *arguments, "-o", out)
        assert done.returncode == 0, done.stderr
        return run_well("trace", "info", out).stdout


def count(text, name):
    """The number behind a word at the begin of a line of `trace info`; 0 without such a line."""
    found = re.search(rf"(?m)^  {name} +([\d,]+)(?: |$)", text)
    return int(found[1].replace(",", "")) if found else 0
