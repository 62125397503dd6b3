"""Dependencies between folders point down only: every #include of the sources is checked.

app -> validate -> analysis, workloads, platforms -> tlm areas -> tlm/kit -> stats, describe, uarch, arch -> trace
-> base. The areas under tlm/ do not include each other, and nothing but tlm/, platforms/, src/app and
src/validate sees SystemC. tlm/device takes its records from src/trace, not from workloads/.
"""
import pathlib
import re
import sys
import tempfile

# What a folder may include beside itself.
BASE = {"src/base"}
TRACE = BASE | {"src/trace"}
PURE = TRACE | {"src/describe", "src/stats", "src/uarch", "src/arch"}
KIT = PURE | {"tlm/kit"}
AREAS = {"tlm/memory", "tlm/pcie", "tlm/device", "tlm/smmu", "tlm/cpu", "tlm/virtio", "tlm/software"}
ALLOWED = {
    "src/base": set(),
    "src/trace": BASE,
    "src/describe": BASE,
    "src/stats": BASE,
    "src/uarch": BASE,
    "src/arch": TRACE,
    "tlm/kit": PURE,
    **{area: KIT for area in AREAS},
    "workloads": TRACE | {"src/describe", "src/arch"},
    "platforms": KIT | AREAS,
    "analysis": PURE,
    "src/validate": KIT | AREAS | {"workloads", "platforms", "analysis"},
    "src/app": KIT | AREAS | {"workloads", "platforms", "analysis", "src/validate"},
}
SYSTEMC = {"tlm/kit", "platforms", "src/validate", "src/app"} | AREAS

INCLUDE = re.compile(r'^[ \t]*#[ \t]*include[ \t]*(["<])([^">\n]+)[">]', re.MULTILINE)
FOREIGN_SYSTEMC = re.compile(r"^(systemc|systemc\.h|tlm|tlm\.h|sysc/.*|tlm_.*|tlm_utils/.*)$")


def folder_of(path):
    """The library folder of a file, given relative to the repository."""
    parts = pathlib.PurePosixPath(path).parts
    return "/".join(parts[:2]) if parts[0] in ("src", "tlm") else parts[0]


def resolve(root, including, name):
    """The file that an #include means, relative to the repository; None when it is none of ours."""
    for start in (including.parent, root, root / "src"):
        candidate = start / name
        if candidate.is_file():
            return candidate.resolve().relative_to(root).as_posix()
    return None


def problems_of(root, file):
    name = file.relative_to(root).as_posix()
    folder = folder_of(name)
    text = file.read_text(encoding="utf-8", errors="replace")
    if folder not in ALLOWED:
        yield f"{name}: {folder} is a folder that the layering does not know"
        return
    for match in INCLUDE.finditer(text):
        bracket, target = match.groups()
        line = text.count("\n", 0, match.start()) + 1
        where = f"{name}:{line}: "
        if bracket == "<" and FOREIGN_SYSTEMC.match(target):
            if folder not in SYSTEMC:
                yield where + f"{folder} may not include SystemC (<{target}>)"
            continue
        found = resolve(root, file, target)
        if found is None:
            if bracket == '"':
                yield where + f'"{target}" is no file of the repository; use <> for libraries'
            continue
        other = folder_of(found)
        if other != folder and other not in ALLOWED[folder]:
            yield where + f"{folder} may not include {other} ({target})"


def check(root):
    files = [
        file
        for top in ("src", "tlm", "workloads", "platforms", "analysis")
        for file in sorted((root / top).rglob("*"))
        if file.suffix in (".h", ".cpp", ".c", ".hpp", ".cc") and file.is_file()
    ]
    return files, [p for file in files for p in problems_of(root, file)]


def self_test():
    """A small tree with one violation of each kind, all of which must be found."""
    tree = {
        "src/base/a.h": "#include <vector>\n",
        "src/base/up.h": '#include "describe/d.h"\n',
        "src/base/timed.h": "#include <systemc>\n",
        "src/describe/d.h": '#include "base/a.h"\n',
        "tlm/kit/k.h": '#include <tlm>\n#include "base/a.h"\n',
        "tlm/pcie/link.h": '#include "tlm/kit/k.h"\n#include "tlm/smmu/tbu.h"\n',
        "tlm/smmu/tbu.h": '  #  include "tlm/kit/k.h"\n',
        "analysis/r.cpp": '#include "tlm/kit/k.h"\n#include "nowhere.h"\n',
        "src/app/main.cpp": '#include "analysis/r.h"\n#include "tlm/smmu/tbu.h"\n#include <systemc>\n',
        "analysis/r.h": "",
        "src/odd/o.h": "",
    }
    expected = [
        "src/base/timed.h:1: src/base may not include SystemC (<systemc>)",
        "src/base/up.h:1: src/base may not include src/describe (describe/d.h)",
        "src/odd/o.h: src/odd is a folder that the layering does not know",
        "tlm/pcie/link.h:2: tlm/pcie may not include tlm/smmu (tlm/smmu/tbu.h)",
        "analysis/r.cpp:1: analysis may not include tlm/kit (tlm/kit/k.h)",
        'analysis/r.cpp:2: "nowhere.h" is no file of the repository; use <> for libraries',
    ]
    with tempfile.TemporaryDirectory() as name:
        root = pathlib.Path(name).resolve()
        for path, text in tree.items():
            (root / path).parent.mkdir(parents=True, exist_ok=True)
            (root / path).write_text(text)
        _, problems = check(root)
    if problems != expected:
        sys.exit("found:\n" + "\n".join(problems) + "\nexpected:\n" + "\n".join(expected))
    print(f"all {len(expected)} violations found")


def main():
    if sys.argv[1:] == ["--self-test"]:
        return self_test()
    files, problems = check(pathlib.Path(sys.argv[1]).resolve())
    if not files:
        sys.exit("no source files found")
    if problems:
        sys.exit("\n".join(problems))
    print(f"{len(files)} files include only what their folder may")


main()
