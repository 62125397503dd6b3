"""Every test that a compliance page (tlm/*/README.md) names exists, and every feature that is not
ignored has one."""
import pathlib
import re
import sys

PAGE = "tlm/smmu/README.md"  # of the self-test
CASE = re.compile(r'TEST_CASE\(\s*((?:"(?:[^"\\]|\\.)*"\s*)+)')
HOW = ("timed", "functional only", "ignored")


def names_of(text):
    """The names of the test cases in a source; a name may stand in several literals."""
    for literals in CASE.findall(text):
        yield "".join(re.findall(r'"((?:[^"\\]|\\.)*)"', literals)).replace('\\"', '"')


def complaints(page, known, name=PAGE):
    """What is wrong with the page, a line each."""
    for number, line in enumerate(page.splitlines(), 1):
        cells = [c.strip() for c in line.split("|")[1:-1]]
        if not cells or cells[0] == "feature" or set(line) <= set("|-"):
            continue
        if len(cells) != 3:
            yield f"{name}:{number}: {len(cells)} cells instead of 3"
            continue
        feature, how, test = cells
        if not how.startswith(HOW):
            yield f"{name}:{number}: {feature}: \"{how}\" is none of {', '.join(HOW)}"
        if test == "-":
            if not how.startswith("ignored"):
                yield f"{name}:{number}: {feature}: no test"
        elif test not in known:
            yield f"{name}:{number}: {feature}: no test is named \"{test}\""


def quoted(page):
    """Names in the text around the tables, which may go over a line's end."""
    prose = " ".join(l for l in page.splitlines() if not l.startswith("|"))
    return re.findall(r'"([^"]+)"', prose)


def self_test():
    known = {"it works"}
    good = "| feature | how | test |\n|---|---|---|\n| a | timed | it works |\n| b | ignored (x) | - |"
    assert list(complaints(good, known)) == []
    assert list(complaints("| a | timed | it fails |", known)) == [
        f'{PAGE}:1: a: no test is named "it fails"']
    assert list(complaints("| a | timed | - |", known)) == [f"{PAGE}:1: a: no test"]
    assert list(complaints("| a | mostly | it works |", known)) == [
        f'{PAGE}:1: a: "mostly" is none of timed, functional only, ignored']
    assert list(complaints("| a | timed |", known)) == [f"{PAGE}:1: 2 cells instead of 3"]
    assert list(names_of('TEST_CASE("one "\n    "name") {')) == ["one name"]
    assert quoted('see "it\nworks".') == ["it works"]


def main():
    if sys.argv[1] == "--self-test":
        return self_test()
    root = pathlib.Path(sys.argv[1])
    known = {n for f in (root / "tests").rglob("*.cpp") for n in names_of(f.read_text())}
    pages = sorted((root / "tlm").glob("*/README.md"))
    assert len(pages) >= 4, pages
    found = []
    for file in pages:
        page, name = file.read_text(), file.relative_to(root)
        found += complaints(page, known, name)
        found += [f'{name}: no test is named "{n}"' for n in quoted(page) if n not in known]
    if found:
        sys.exit("\n".join(found))


if __name__ == "__main__":
    main()
