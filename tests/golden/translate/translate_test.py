"""svasim translate as a user runs it: output, comparison, exit codes, exact error messages."""

import gzip
import json
import pathlib
import shutil
import tempfile
import unittest

import svasim_program

EXAMPLE = svasim_program.REPOSITORY / "workloads" / "scenarios" / "stage1_4k.jsonl"
ORACLE = svasim_program.REPOSITORY / "tests" / "golden" / "oracle" / "public.jsonl.gz"
LINES = EXAMPLE.read_text().splitlines()
KNOWN = ("p00434 step 3: consumed false, cmdq_err 1, gerror_cmdq_err true instead of "
         "consumed true, cmdq_err 0, gerror_cmdq_err false\n")

PAGES = """\
{"id":"pages","step":0,"result":"ok","pa":"0x42001234","kind":"s1","walk":[["STE","0x41100200"],\
["CD","0x41200000"],["S1L1","0x41300000"],["S1L2","0x41301000"],["S1L3","0x41302008"]]}
{"id":"pages","step":1,"result":"ok","pa":"0x42002000","kind":"s1","walk":[["S1L3","0x41302010"]]}
{"id":"pages","step":2,"result":"fault","event":{"type":19,"name":"F_PERMISSION","sid":8,\
"input_addr":"0x2000","rnw":0,"s2":0,"cls":"IN"},"walk":[["S1L3","0x41302010"]]}
{"id":"pages","step":3,"result":"fault","event":{"type":16,"name":"F_TRANSLATION","sid":8,\
"input_addr":"0x3000","rnw":1,"s2":0,"cls":"IN"},"walk":[["S1L3","0x41302018"]]}
"""
T0SZ = """\
t0sz step 0: StreamID 8 reads 0x1234
    1. STE at 0x41100200
       000000004120000b 0000000000000000 0000000000000000 0000000000000000
       0000000000000000 0000000000000000 0000000000000000 0000000000000000
       V=1 Config=0b101 S1Fmt=0 S1ContextPtr=0x41200000 S1CDMax=0 S1DSS=0 S1STALLD=0 EATS=0 \
STRW=0 S2VMID=0
    2. CD at 0x41200000
       00016204c000000c 0000000041300000 0000000000000000 0000000000000000
       0000000000000000 0000000000000000 0000000000000000 0000000000000000
       V=1 AA64=1 ENDI=0 IPS=4 ASID=1 ASET=0 A=1 R=1 S=0 AFFD=0 HA=0 HD=0 WXN=0 UWXN=0 PAN=0
       TTB0=0x41300000 T0SZ=12 TG0=0 EPD0=0 TBI0=0 HAD0=0
       TTB1=0x0 T1SZ=0 TG1=0 EPD1=1 TBI1=0 HAD1=0
  => fault: CD.T0SZ = 12 is outside 16..39 for the 4 KiB granule: C_BAD_CD
"""


def changed(line=LINES[0], **edits):
    """A case with some members replaced; None drops one."""
    case = json.loads(line) | edits
    return json.dumps({k: v for k, v in case.items() if v is not None}, separators=(",", ":"))


def step(**fields):
    """A case of one query with these fields replaced."""
    query = {"op": "query", "sid": 8, "iova": "0x1234", "rw": "r"} | fields
    return changed(steps=[{k: v for k, v in query.items() if v is not None}])


def place(line, text):
    """The column of `text` in the line."""
    return line.index(text) + 1


class Folder(unittest.TestCase):
    def setUp(self):
        self.folder = pathlib.Path(tempfile.mkdtemp(prefix="svasim-test-"))
        self.addCleanup(shutil.rmtree, self.folder)

    def translate(self, content, *options):
        """The program run on a file f with these lines (or bytes)."""
        data = content if isinstance(content, bytes) else (content + "\n").encode()
        (self.folder / "f").write_bytes(data)
        return svasim_program.run("translate", "f", *options, cwd=self.folder)


class Output(Folder):
    def test_lines_have_the_keys_in_order_and_a_cached_walk_is_short(self):
        done = svasim_program.run_well("translate", EXAMPLE, "--timed", "--case", "pages")
        self.assertEqual(done.stdout, PAGES)

    def test_commands_have_a_line_and_memory_writes_count_as_steps(self):
        done = svasim_program.run_well("translate", EXAMPLE, "--case", "unmap")
        lines = [json.loads(line) for line in done.stdout.splitlines()]
        self.assertEqual([line["step"] for line in lines], [0, 2, 3, 4, 5])
        self.assertEqual(done.stdout.splitlines()[2],
                         '{"id":"unmap","step":3,"consumed":true,"cmdq_err":0,'
                         '"gerror_cmdq_err":false}')

    def test_explain_tells_fetches_fields_and_reason(self):
        done = svasim_program.run_well("translate", EXAMPLE, "--case", "t0sz", "--explain")
        self.assertEqual(done.stdout, T0SZ)

    def test_cases_are_selected_by_id_in_the_order_of_the_file(self):
        done = svasim_program.run_well("translate", EXAMPLE, "--case", "t0sz", "--case", "pages")
        ids = [json.loads(line)["id"] for line in done.stdout.splitlines()]
        self.assertEqual(ids, ["pages"] * 4 + ["t0sz"])

    def test_queries_without_expectation_are_answered(self):
        for options in ((), ("--timed",), ("--compare",)):
            done = self.translate(step(), *options)
            self.assertEqual(done.returncode, 0)
            self.assertEqual(json.loads(done.stdout)["pa"], "0x42001234")

    def test_a_compressed_file_gives_the_same(self):
        plain = self.translate("\n".join(LINES))
        packed = self.translate(gzip.compress("\n".join(LINES).encode()))
        self.assertEqual((packed.returncode, packed.stdout), (0, plain.stdout))

    def test_an_event_that_is_kept_back_is_an_abort(self):
        done = self.translate(changed(registers=json.loads(LINES[0])["registers"] | {"CR0": "0x9"}))
        self.assertIn('"step":3,"result":"abort","walk":', done.stdout)
        timed = svasim_program.run("translate", "f", "--timed", cwd=self.folder)
        self.assertIn('"step":3,"result":"abort","walk":', timed.stdout)

    def test_a_queue_that_is_off_consumes_nothing(self):
        registers = json.loads(LINES[1])["registers"] | {"CR0": "0x5"}
        off = changed(LINES[1], registers=registers)
        for options in ((), ("--timed",)):
            done = self.translate(off, *options)
            self.assertEqual(done.stdout.count('"consumed":false,"cmdq_err":0,'), 2)

    def test_after_an_error_the_queue_takes_commands_again(self):
        case = json.loads(LINES[1])
        bad = {"op": "command", "hex": "ff" + "00" * 15}
        case["steps"][3:3] = [bad, bad]
        for options in ((), ("--timed",)):
            done = self.translate(json.dumps(case), *options)
            fates = [line["cmdq_err"] for line in map(json.loads, done.stdout.splitlines())
                     if "cmdq_err" in line]
            self.assertEqual(fates, [1, 1, 0, 0])
            self.assertEqual(json.loads(done.stdout.splitlines()[-1])["result"], "fault")


class Compare(Folder):
    def test_the_oracle_differs_in_the_one_known_command(self):
        for options, walks in (((), 2231), (("--timed",), 362)):
            done = svasim_program.run("translate", ORACLE, "--compare", *options)
            self.assertEqual(done.stderr, f"{KNOWN}3680 queries, 844 commands, {walks} cold walks: "
                                          "1 differences\n")
            self.assertEqual(done.returncode, 1)
            self.assertEqual(len(done.stdout.splitlines()), 3680 + 844)

    def test_agreement_gives_exit_code_0_and_the_same_output(self):
        alone = svasim_program.run_well("translate", EXAMPLE)
        done = svasim_program.run("translate", EXAMPLE, "--compare")
        self.assertEqual(done.returncode, 0)
        self.assertEqual(done.stderr, "8 queries, 2 commands, 4 cold walks: 0 differences\n")
        self.assertEqual(done.stdout, alone.stdout)

    def differs(self, line, text):
        for options in ((), ("--timed",)):
            done = self.translate(line, "--compare", *options)
            self.assertEqual(done.returncode, 1)
            self.assertEqual(done.stderr.splitlines()[0], text)
            self.assertTrue(done.stderr.endswith(": 1 differences\n"), done.stderr)

    def test_every_kind_of_difference_is_told(self):
        ok = {"result": "ok", "pa": "0x42001234", "kind": "s1"}
        event = {"type": 16, "sid": 8, "input_addr": "0x3000", "rnw": 1, "s2": 0, "cls": "IN"}
        self.differs(step(expected=ok | {"pa": "0x42001238"}),
                     "pages step 0: pa 0x42001234 instead of 0x42001238")
        self.differs(step(expected=ok | {"kind": "s2"}), "pages step 0: kind s1 instead of s2")
        self.differs(step(expected={"result": "abort"}), "pages step 0: ok instead of abort")
        self.differs(step(iova="0x3000", expected=ok),
                     "pages step 0: fault F_TRANSLATION instead of ok")
        for key, value, text in (("type", 19, "type F_TRANSLATION instead of F_PERMISSION"),
                                 ("sid", 9, "sid 0x8 instead of 0x9"),
                                 ("rnw", 0, "rnw 1 instead of 0"),
                                 ("cls", "TT", "cls IN instead of TT"),
                                 ("input_addr", "0x3008", "input_addr 0x3000 instead of 0x3008")):
            self.differs(step(iova="0x3000",
                              expected={"result": "fault", "event": event | {key: value}}),
                         f"pages step 0: event {text}")
        self.differs(step(walk=[["STE", "0x41100200"]]),
                     "pages step 0: walk STE 0x41100200, CD 0x41200000, S1L1 0x41300000, "
                     "S1L2 0x41301000, S1L3 0x41302008 instead of STE 0x41100200")

    def test_any_acceptable_outcome_and_unchecked_fields_pass(self):
        event = {"type": 16, "sid": 9}
        done = self.translate(step(iova="0x3000", expected={"result": "abort"}, also_ok=[
            {"result": "fault", "event": event, "check": ["type"]}]), "--compare")
        self.assertEqual(done.returncode, 0, done.stderr)


class BadInput(Folder):
    def refused(self, content, stderr, *options):
        done = self.translate(content, *options)
        self.assertEqual(done.stderr, stderr + "\n")
        self.assertEqual(done.returncode, 2)

    def test_bad_lines_are_told_with_their_place(self):
        self.refused(LINES[0] + "\n{\"id\":1,}", "f:2:9: syntax error while parsing object key - "
                     "unexpected '}'; expected string literal")
        self.refused("7", "f:1:1: a case must be an object, not 7")
        self.refused('{"id":"a","id":"b"}', 'f:1:11: duplicate key "id"; first at column 2')
        self.refused(changed(steps=None), 'f:1:1: a case has no "steps"')
        line = changed(stpes=[])
        self.refused(line, f'f:1:{place(line, chr(34) + "stpes")}: unknown key "stpes" in a case; '
                           'did you mean "steps"?')

    def test_bad_values_are_told_with_their_place(self):
        def row(line, at, text):
            self.refused(line, f"f:1:{place(line, at)}: {text}")
        row(step(op="qurey"), '"qurey"',
            'op must be one of "query", "mem_write", "command", not "qurey"')
        row(step(rw="x"), '"x"', 'rw must be one of "r", "w", not "x"')
        row(step(sid="8"), '"8"', 'sid must be a number from 0 to 4294967295, not "8"')
        row(step(sid=1 << 32), "4294967296",
            "sid must be a number from 0 to 4294967295, not 4294967296")
        row(step(sid=10 ** 30), "1" + "0" * 30,
            "sid must be a number from 0 to 4294967295, not 1" + "0" * 30)
        row(step(sid=-1), "-1", "sid must be a number from 0 to 4294967295, not -1")
        word = 'must be a string such as "0x1f00" of at most 16 digits, not'
        row(step(iova=7), '7,"rw', f"iova {word} 7")
        row(step(iova="0x1g"), '"0x1g"', f'iova {word} "0x1g"')
        row(step(iova="0x" + "1" * 17), '"0x1111', f'iova {word} "0x11111111111111111"')
        row(changed(ram=[["0x0"]]), '["0x0"]', "a range of ram must have 2 elements, not 1")
        row(changed(ram=[["0x8", "0xffffffffffffffff"]]), '["0x8"',
            "the range of ram passes the end of the address space")
        row(changed(memory=[["0x41100204", "0x1"]]), '"0x41100204"',
            "0x41100204 is not 8-byte aligned")
        row(changed(memory=7), '7,"steps', "memory must be a list, not 7")
        row(changed(steps=[{"op": "command", "hex": "12"}]), '"12"',
            'hex must be 32 hexadecimal digits, not "12"')
        row(changed(steps=[{"op": "command", "hex": "0" * 31 + "g"}]), '"000',
            f'hex must be 32 hexadecimal digits, not "{"0" * 31}g"')
        row(step(walk=[["S3L1", "0x0"]]), '"S3L1"',
            "the kind of a fetch must be L1STD, STE, L1CD, CD, S1L0 to S1L3 or S2L0 to S2L3, "
            'not "S3L1"')
        registers = json.loads(LINES[0])["registers"]
        row(changed(registers=registers | {"CR0": "0x100000000"}), '"0x100000000"',
            'CR0 has 32 bits, not "0x100000000"')

    def test_damaged_compressed_files_are_told(self):
        packed = gzip.compress("\n".join(LINES).encode(), mtime=0)
        self.refused(packed[:-20], f"f: gzip data cut off at byte {len(packed) - 20}")

    def test_queues_that_the_timed_smmu_needs_must_be_there(self):
        registers = json.loads(LINES[0])["registers"]
        del registers["EVENTQ_BASE"]
        self.refused(changed(registers=registers),
                     "case pages: the timed SMMU needs EVENTQ_BASE", "--timed")
        registers["EVENTQ_BASE"] = "0x10007"
        self.refused(changed(registers=registers),
                     "case pages: EVENTQ_BASE: the queue at 0x10000 of 4096 bytes is not in ram",
                     "--timed")

    def test_usage_errors(self):
        self.refused(LINES[0], 'f: no case "x"', "--case", "x")
        done = self.translate(LINES[0], "--explain", "--timed")
        self.assertEqual(done.returncode, 2)
        done = svasim_program.run("translate", "nowhere")
        self.assertEqual((done.returncode, done.stderr),
                         (2, "cannot open nowhere: No such file or directory\n"))

    def test_what_was_answered_before_a_bad_line_stands(self):
        done = self.translate(LINES[2] + "\nx")
        self.assertEqual(done.stdout.count("\n"), 1)
        self.assertEqual(done.returncode, 2)


if __name__ == "__main__":
    unittest.main()
