"""Runs the svasim program as a user would: for tests that are about the whole of it.

The environment variable SVASIM names the program; SVASIM_SANITIZED=1 tells that it was built with
sanitizers (tests/support/svasim_program.cmake sets both).
"""

import json
import os
import pathlib
import re
import subprocess
import tempfile

PROGRAM = os.environ["SVASIM"]
# Sanitizers need memory and time of their own.
SANITIZED = os.environ.get("SVASIM_SANITIZED") == "1"
REPOSITORY = pathlib.Path(__file__).resolve().parents[2]
MINIMAL = REPOSITORY / "platforms" / "minimal.json"


class Failed(AssertionError):
    """The program ended otherwise than the test says; the text has its command line and stderr."""


def trace_file(name):
    """The recorded trace of this name."""
    return REPOSITORY / "workloads" / "traces" / f"{name}.qemu.log.gz"


def settings(**values):
    """--set options; "__" in a name stands for the dot of the path."""
    out = []
    for name, value in values.items():
        out += ["--set", f"{name.replace('__', '.')}={value}"]
    return out


# AddressSanitizer does not know the stacks of SystemC's threads, and says so on stderr.
STACK_NOTICE = re.compile(r"==\d+==WARNING: ASan is ignoring requested __asan_handle_no_return:.*\n"
                          r"False positive error reports may follow\n"
                          r"For details see https://github.com/google/sanitizers/issues/189\n")


def run(*arguments, program=PROGRAM, **options):
    """The subprocess.CompletedProcess, with stdout and stderr as text, whatever its exit code."""
    done = subprocess.run([program, *map(str, arguments)], capture_output=True, text=True,
                          errors="surrogateescape", timeout=3000, check=False, **options)
    if SANITIZED and done.stderr:
        done.stderr = STACK_NOTICE.sub("", done.stderr)
    return done


def run_well(*arguments, **options):
    """As run(), but throws Failed unless it ends with 0 and is silent on stderr."""
    done = run(*arguments, **options)
    if done.returncode != 0 or done.stderr:
        raise Failed(f"exit code {done.returncode} of {' '.join(map(str, done.args))}:\n"
                     f"{done.stderr}")
    return done


def result_text(*arguments, **options):
    """The result.json that `svasim run ARGUMENTS -q` writes, as text. Throws Failed."""
    with tempfile.TemporaryDirectory(prefix="svasim-test-") as out:
        run_well("run", *arguments, "-q", "-o", out, **options)
        return pathlib.Path(out, "result.json").read_text(encoding="utf-8")


def result(*arguments, **options):
    """As result_text(), read."""
    return json.loads(result_text(*arguments, **options))
