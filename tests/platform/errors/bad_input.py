"""The table of bad inputs: what a user gives, and exactly what svasim says to it."""

import dataclasses
import gzip

import svasim_program

HELP = "Run with --help for more information.\n"
GOOD_TRACE = "#svasim-trace v1\n0,A,0x8,,0x1000,64,R,0x2000,3\n"
LOG_LINE = "1@2.000003:{} smmu-iommu-memory-region-8-3 {}\n"
IS_A_TRACE = "; svasim trace import --help lists what can be read\n"
RECORDED = svasim_program.trace_file("boot_probe_attach_strict").read_bytes()


@dataclasses.dataclass(frozen=True)
class Row:
    claim: str
    arguments: tuple
    stderr: str
    files: dict = dataclasses.field(default_factory=dict)


def trace(claim, content, stderr, *options, name="t"):
    """A run of a trace with this content."""
    return Row(claim, ("run", "good.json", "--trace", name, *options), stderr, {name: content})


def platform(claim, text, stderr):
    """A run on a platform file with this text."""
    return Row(claim, ("run", "p.json", "--trace", "good.csv"), stderr, {"p.json": text})


def setting(claim, *assignments, stderr):
    """A run on a good platform with these overrides."""
    options = [word for a in assignments for word in ("--set", a)]
    return Row(claim, ("run", "good.json", "--trace", "good.csv", *options), stderr)


def access(**fields):
    """A QEMU log of one access."""
    values = {"sid": "0x8", "iova": "0x1000", "translated": "0x2000", "perm": "0x3"} | fields
    return LOG_LINE.format("smmuv3_translate_success",
                           " ".join(f"{k}={v}" for k, v in values.items()) + " stage=1")


def flipped(data, at):
    return data[:at] + bytes([data[at] ^ 0x55]) + data[at + 1:]


# A gzip header, then a block of the kind that RFC 1951 3.2.3 reserves.
RESERVED_BLOCK = gzip.compress(b"")[:10] + b"\x07" + bytes(8)

TRACES = [
    trace("a gzip file that is cut off", RECORDED[:2000], "t: gzip data cut off at byte 2000\n"),
    trace("a gzip file with a block that cannot be", RESERVED_BLOCK,
          "t: damaged gzip data at byte 11\n"),
    trace("a gzip file whose checksum is wrong", flipped(RECORDED, len(RECORDED) - 5),
          f"t: damaged gzip data at byte {len(RECORDED) - 4}\n"),
    trace("a virtio-iommu log whose endpoint moves",
          "1@2.000003:virtio_iommu_attach domain=1 endpoint=8\n"
          "1@2.000004:virtio_iommu_attach domain=2 endpoint=8\n",
          "t:2: endpoint 0x8 moves from domain 1 to 2: a replay has each endpoint in one domain\n"),
    trace("a log of another device", "1@2.000003:pci_nvme_io_cmd cid 1\n",
          "t: a QEMU log without smmuv3 or virtio_iommu events\n"),
    trace("Linux ftrace text without events", "# tracer: nop\n#\n",
          "t: ftrace text without events of the systems iommu, dma, nvme or block\n"),
    trace("JSON given as a trace", "{}\n", "t: the file looks like JSON" + IS_A_TRACE),
    trace("binary data given as a trace", b"\x7fELF\x02\x01\x01\x00",
          "t: the file is binary data of an unknown kind" + IS_A_TRACE),
    trace("an empty trace", "", "t: the file is empty" + IS_A_TRACE),
    trace("an empty gzip file", gzip.compress(b"", mtime=0), "t: the file is empty" + IS_A_TRACE),
    trace("a log with a number that is none", access() + access(iova="0x10zz"),
          't:2:79: expected a number, not "0x10zz translated=0x2000 perm=0x3 stage=..."\n'),
    trace("a CSV trace whose time steps back",
          GOOD_TRACE.replace("\n0,", "\n9,") + "5,A,0x8,,0x1000,64,R,0x2000,3\n",
          "t:3:1: the time is before that of the record before\n"),
    trace("an address that tables of 48 bits cannot map", access() + access(iova="0x1000000001000"),
          "t:2: cannot map 0x1000000001000: beyond 48 input bits\n"),
    trace("an output that tables of 48 bits cannot hold", access(translated="0x1000000002000"),
          "t:1: cannot map 0x1000 to 0x1000000002000: beyond 48 output bits\n"),
    trace("a StreamID beyond the stream table", access(sid="0x10000"),
          "t: StreamID 0x10000 is beyond the stream table of 16 bits\n"),
    trace("a trace of a machine with 64 KiB pages",
          "#svasim-trace v1\n#granule,16\n0,A,0x8,,0x10000,64,R,0x20000,3\n",
          "t: the trace is of a machine with 64 KiB pages; "
          "tables are built with 4 KiB pages only\n"),
    Row("a trace that is not there", ("run", "good.json", "--trace", "no.csv"),
        "cannot open no.csv: No such file or directory\n"),
    Row("a directory given as a trace", ("run", "good.json", "--trace", "."),
        "cannot open .: Is a directory\n"),
]

PLATFORMS = [
    Row("a platform that is not there", ("run", "no.json", "--trace", "good.csv"),
        "cannot open no.json: No such file or directory\n"),
    Row("a directory given as a platform", ("run", ".", "--trace", "good.csv"),
        "cannot open .: Is a directory\n"),
    platform("a device below a port that there is not",
             '{"topology": {"devices": [{"name": "x", "upstream": "p"}]}}',
             'p.json:1:53: topology.devices.0.upstream: there is no root port or switch "p"\n'),
    Row("a trace with a StreamID that no device owns",
        ("run", "p.json", "--trace", "good.csv"),
        "good.csv: no device of the platform owns StreamID 0x8\n",
        {"p.json": '{"topology": {"devices": [{"name": "x", "last_stream": 7}]}}'}),
    platform("an unknown key", '{"smmu": {"tbu": {"slot": 8}}}',
             'p.json:1:19: smmu.tbu: unknown key "slot"; did you mean "slots"?\n'),
    platform("a duplicate key", '{\n "name": "a",\n "name": "b"\n}',
             'p.json:3:2: duplicate key "name"; first at line 2, column 2\n'),
    platform("a unit of another quantity", '{"smmu": {"tbu": {"clock": "1ns"}}}',
             'p.json:1:28: smmu.tbu.clock needs a frequency such as "2.75GHz", not "1ns"\n'),
    platform("a number where a text with a unit belongs", '{"smmu": {"tbu": {"clock": 1000}}}',
             'p.json:1:28: smmu.tbu.clock needs a frequency such as "2.75GHz", not 1000\n'),
    platform("a negative count", '{"smmu": {"tbu": {"main_tlb": {"entries": -64}}}}',
             "p.json:1:43: smmu.tbu.main_tlb.entries must not be negative, but is -64\n"),
    platform("a negative size", '{"memory": {"system_level_cache": {"size": "-1MiB"}}}',
             'p.json:1:44: memory.system_level_cache.size needs a size such as "4KiB", '
             'not "-1MiB"\n'),
    platform("a value out of range", '{"smmu": {"tcu": {"walk_slots": 0}}}',
             "p.json:1:33: smmu.tcu.walk_slots must be 1 to 512 slots, but is 0\n"),
    platform("ways that do not divide the entries",
             '{"smmu": {"tbu": {"main_tlb": {"entries": 64, "ways": 5}}}}',
             "p.json:1:55: smmu.tbu.main_tlb.ways: 64 entries are no multiple of 5 ways\n"),
    platform("tree_plru with ways that are no power of two",
             '{"smmu": {"tbu": {"main_tlb": {"entries": 12, "ways": 12, "policy": "tree_plru"}}}}',
             "p.json:1:55: smmu.tbu.main_tlb.ways: "
             "tree_plru needs a power of two of ways, not 12\n"),
    platform("a choice that there is not", '{"device": {"dma": {"mode": "burst"}}}',
             'p.json:1:29: device.dma.mode must be one of "open", "closed", "serial", '
             'not "burst"\n'),
    platform("text that is no JSON", '{\n  "name": "a"\n  "smmu": {}\n}',
             "p.json:3:3: syntax error while parsing object - unexpected string literal; "
             "expected '}'\n"),
    platform("JSON that ends too early", '{"name": "a"',
             "p.json:1:13: syntax error while parsing object - unexpected end of input; "
             "expected '}'\n"),
    platform("an include of a file that is not there", '{"$include": "parts/no.json"}',
             "p.json:1:14: cannot open parts/no.json: No such file or directory\n"),
    platform("a file that includes itself", '{"$include": "p.json"}',
             "p.json:1:14: p.json includes itself\n"),
    platform("several problems, all told at once in the order of the file",
             '{"device": {"dma": {"mode": 1}},\n "smmu": {"tbu": {"slots": "8",\n'
             '  "spam": "page"}}}',
             'p.json:1:29: device.dma.mode must be one of "open", "closed", "serial", not 1\n'
             'p.json:2:28: smmu.tbu.slots needs a whole number of slots, not "8"\n'
             'p.json:3:3: smmu.tbu: unknown key "spam"; did you mean "span"?\n'),
    Row("an include with a problem is told where it stands",
        ("run", "p.json", "--trace", "good.csv"),
        "part.json:2:2: unknown key \"ame\"; did you mean \"name\"?\n",
        {"p.json": '{"$include": "part.json"}', "part.json": '{\n "ame": "a"}'}),
]

SETTINGS = [
    setting("an override of a path that there is not", "smmu.tbu.slot=8",
            stderr='--set smmu.tbu.slot=8: smmu.tbu: unknown key "slot"; did you mean "slots"?\n'),
    setting("an override without =", "smmu.tbu.slots",
            stderr="--set smmu.tbu.slots: needs the form path=value\n"),
    setting("an override with an empty path", "=8",
            stderr="--set =8: a name in the path is empty\n"),
    setting("an override through a value", "smmu.tbu.slots.more=8",
            stderr='--set smmu.tbu.slots.more=8: smmu.tbu.slots: unknown key "more"\n'
                   '--set smmu.tbu.slots.more=8: smmu.tbu.slots has no "value"\n'),
    setting("two bad overrides, each told with its own text", "smmu.tbu.slots=0",
            "device.dma.mode=fast",
            stderr="--set smmu.tbu.slots=0: smmu.tbu.slots must be 1 to 4096 slots, but is 0\n"
                   '--set device.dma.mode=fast: device.dma.mode must be one of "open", "closed", '
                   '"serial", not "fast"\n'),
]

WORKLOADS = [
    Row("a platform given as a workload", ("run", "good.json", "--workload", "w.json"),
        'w.json:1:2: unknown key "smmu"\n', {"w.json": '{"smmu": {}}'}),
    Row("a workload of no accesses", ("run", "good.json", "--workload", "w.json"),
        "w.json:1:14: accesses must be 1 to 1000000000000 accesses, but is 0\n",
        {"w.json": '{"accesses": 0}'}),
    Row("a StreamID of a workload beyond the stream table",
        ("run", "good.json", "--workload", "w.json"),
        "w.json: StreamID 0x10000 is beyond the stream table of 16 bits\n",
        {"w.json": '{"accesses": 1, "first_stream": 65536}'}),
]

EXACTLY_ONE = "give exactly one of --trace FILE and --workload FILE\n"
USAGE = [
    Row("neither trace nor workload", ("run", "good.json"), EXACTLY_ONE),
    Row("both trace and workload",
        ("run", "good.json", "--trace", "good.csv", "--workload", "w.json"), EXACTLY_ONE),
    Row("a check of what is wrong on purpose",
        ("run", "good.json", "--trace", "good.csv", "--check", "--set",
         "smmu.tbu.apply_invalidations=false"),
        "--check cannot go with smmu.tbu.apply_invalidations=false, which keeps stale translations "
        "on purpose\n"),
    Row("a directory that cannot be made",
        ("run", "good.json", "--trace", "good.csv", "-o", "good.csv/out"),
        "cannot create directory good.csv/out: Not a directory\n"),
    Row("a file in the place of the directory",
        ("run", "good.json", "--trace", "good.csv", "-o", "good.csv"),
        "cannot create directory good.csv: Not a directory\n"),
    Row("no command", (), "A subcommand is required\n" + HELP),
    Row("an unknown command", ("ran", "good.json"),
        'unknown command "ran"; did you mean "run"?\n' + HELP),
    Row("an unknown command of a command", ("platform", "lost"),
        'unknown command "lost"; did you mean "list"?\n' + HELP),
    Row("an unknown command like no other", ("frobnicate",),
        'unknown command "frobnicate"\n' + HELP),
    Row("no platform", ("run",), "platform is required\n" + HELP),
    Row("an unknown option", ("run", "good.json", "--trace", "good.csv", "--fast"),
        "The following argument was not expected: --fast\n" + HELP),
    Row("an option without its value", ("run", "good.json", "-o", "out", "--trace"),
        "--trace: 1 required TEXT missing\n" + HELP),
    Row("the schema of what there is not", ("schema", "trace"),
        'no description of "trace"; there are: platform, workload, sva\n'),
    Row("a result that is not there", ("report", "no.json"),
        "cannot open no.json: No such file or directory\n"),
    Row("a result of another format", ("report", "r.json"), "r.json: format: must be 1\n",
        {"r.json": '{"format": 2}'}),
    Row("a file that is no result", ("report", "r.json"), "r.json: format: is missing\n",
        {"r.json": "{}"}),
    Row("a trace to look at that is not there", ("trace", "info", "no.csv"),
        "cannot open no.csv: No such file or directory\n"),
    Row("a format to convert to that there is not", ("trace", "convert", "good.csv", "out.txt"),
        "out.txt: the name must end in .csv or .svt\n"),
]

ROWS = TRACES + PLATFORMS + SETTINGS + WORKLOADS + USAGE
