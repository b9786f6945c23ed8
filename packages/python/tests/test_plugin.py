"""The pytest plugin, from outside: suites that run in virtual time, in real time, and where the child dies.

Each test runs a pytest of its own, which starts a child of its own where the machine has virtual time.
"""

import os
import re
import signal
import subprocess
import sys
import time
import xml.etree.ElementTree as ET
from pathlib import Path

import pytest
from machine import virtual

from chaosrun.binary import find

HERE = Path(__file__).parent


@pytest.fixture
def suite(pytester, monkeypatch):
    """Writes a test file that can import the engines, and runs pytest on it."""
    monkeypatch.setenv("PYTHONPATH", os.pathsep.join([str(HERE), os.environ.get("PYTHONPATH", "")]))
    monkeypatch.delenv("PYTEST_ADDOPTS", raising=False)

    def run(source, *options):
        pytester.makepyfile(test_it=source)
        return pytester.runpytest_subprocess("-p", "no:cacheprovider", *options)

    return run


CLOCK = """
import os, time
from engines import fallback

def made(chaosrun):
    lab = chaosrun("healthy", protocol="openai-chat")
    lab.saw(fallback(lab))
    lab.check()
    return lab
"""


@virtual
def test_reports_are_those_of_the_child(suite, pytester):
    result = suite(
        CLOCK
        + """
import warnings
import pytest

seen = []

@pytest.fixture(scope="module")
def shared():
    print("shared up")
    yield len(seen)
    print("shared down")

@pytest.mark.parametrize("n", [1, 2])
def test_passes(chaosrun, shared, n, tmp_path, record_property):
    began = time.monotonic()
    time.sleep(600)
    assert time.monotonic() - began >= 600
    assert made(chaosrun).clock == "virtual"
    warnings.warn(f"mind the gap {n}")
    record_property("n", n)

def test_in_place():
    assert "CHAOSRUN_VIRTUAL_TIME" not in os.environ

def test_fails(chaosrun):
    print("before the fall")
    left, right = [made(chaosrun).clock], ["wall"]
    assert left == right

def test_unjudged(chaosrun):
    chaosrun("healthy")

def test_unjudged_and_failed(chaosrun):
    chaosrun("healthy")
    raise ValueError("first")

def test_skips(chaosrun):
    chaosrun("heartbeat-only-gemini", protocol="openai-chat")

@pytest.mark.skip(reason="not today")
def test_marked(chaosrun):
    pass

@pytest.mark.xfail(strict=True)
def test_expected(chaosrun):
    assert made(chaosrun) is None

def test_unknown(chaosrun):
    chaosrun("healthy").check()

def test_deselected(chaosrun):
    raise KeyError

@pytest.fixture
def needs_a_lab(chaosrun):
    return chaosrun("no-such-scenario")

def test_setup(needs_a_lab):
    pass
""",
        "-rA",
        "--junitxml=report.xml",
        "-k",
        "not deselected",
        "--durations=2",
    )
    result.assert_outcomes(passed=4, failed=3, errors=2, skipped=2, xfailed=1, deselected=1, warnings=2)
    result.stdout.fnmatch_lines(["*assert *'virtual'* == *'wall'*"])  # asserts are rewritten
    result.stdout.fnmatch_lines(["before the fall"])
    result.stdout.fnmatch_lines(["E *chaosrun.Error: the lab healthy was never judged*"])
    result.stdout.fnmatch_lines(["*UserWarning: mind the gap 1"])
    result.stdout.fnmatch_lines(["60?.*s call *test_it.py::test_passes?1?"])
    result.stdout.fnmatch_lines(["SKIPPED ?1? test_it.py:*: *gemini*"])
    result.stdout.fnmatch_lines(["E *chaosrun.Unknown: unknown *healthy*"])
    result.stdout.fnmatch_lines(["E *chaosrun.Error: no such scenario: *"])
    result.stdout.fnmatch_lines(["E *ValueError: first"])
    assert result.stdout.str().count("shared up") == 1  # a module's fixture serves both tests
    assert re.search(r"^chaosrun: 10 tests in virtual time, 120\d\.\d s of it$", result.stdout.str(), re.MULTILINE)
    assert not (pytester.path / ".pytest_cache").exists()
    cases = ET.parse(pytester.path / "report.xml").findall(".//testcase")
    assert len(cases) == 11
    assert [p.get("value") for p in cases[0].iter("property")] == ["1"]


@virtual
def test_quits_at_the_first_failure(suite):
    result = suite(CLOCK + "def test_a(chaosrun): raise ValueError\ndef test_b(chaosrun): made(chaosrun)\n", "-x")
    result.assert_outcomes(failed=1)


@virtual
def test_output_passes_through(suite):
    result = suite(CLOCK + "def test_a(chaosrun):\n    print('hello from', made(chaosrun).clock)\n", "-s", "-v")
    result.assert_outcomes(passed=1)
    assert "hello from virtual" in result.stdout.str() + result.stderr.str()


@virtual
def test_with_workers(suite):
    result = suite(CLOCK + "import pytest\n@pytest.mark.parametrize('n', range(4))\ndef test_a(chaosrun, n, tmp_path): assert made(chaosrun).clock == 'virtual'\n", "-n2")
    result.assert_outcomes(passed=4)
    result.stdout.fnmatch_lines(["chaosrun: 2 tests in virtual time, *"])


@virtual
def test_coverage_is_of_both_processes(suite, pytester):
    source = CLOCK + "def test_a(chaosrun):\n    made(chaosrun)\ndef test_b():\n    here = 1\n"
    result = suite(source, "--cov=test_it", "--cov-report=term-missing")
    result.assert_outcomes(passed=2)
    result.stdout.fnmatch_lines(["test_it.py * 100%*"])
    assert [path.name for path in pytester.path.glob(".coverage*")] == [".coverage"]


@virtual
def test_a_crash_is_an_error_of_all_that_follow(suite):
    result = suite(
        CLOCK
        + """
def test_a(chaosrun): made(chaosrun)
def test_b(chaosrun):
    print("last words")
    os.write(2, b"aaargh")
    os._exit(7)
def test_c(chaosrun): made(chaosrun)
def test_d(): pass
""",
    )
    result.assert_outcomes(passed=2, failed=1, errors=1)
    result.stdout.fnmatch_lines(["chaosrun: the process in virtual time ended with exit code 7"])


@virtual
def test_an_interrupt_leaves_nothing_behind(pytester, monkeypatch):
    pytester.makepyfile(test_it="def test_a(chaosrun):\n    open('pid', 'w').write(str(__import__('os').getpid()))\n    while True: pass\n")
    running = subprocess.Popen(
        [sys.executable, "-m", "pytest", "-p", "no:cacheprovider"], stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, start_new_session=True
    )
    pid = Path("pid")
    for _ in range(600):
        if pid.exists() and pid.read_text():
            break
        time.sleep(0.1)
    os.killpg(running.pid, signal.SIGINT)  # as Ctrl-C does
    output, _ = running.communicate(timeout=60)
    assert running.returncode == 2, output
    assert "KeyboardInterrupt" in output
    with pytest.raises(ProcessLookupError):
        os.kill(int(pid.read_text()), 0)


def test_the_wall_clock(suite):
    source = CLOCK + "def test_a(chaosrun): assert made(chaosrun).clock == 'wall'\n"
    result = suite(source, "--chaosrun-clock=wall")
    result.assert_outcomes(passed=1)
    result.stdout.no_fnmatch_line("chaosrun: *")


def test_the_clock_of_the_configuration(suite, pytester):
    pytester.makeini("[pytest]\nchaosrun_clock = wall\n")
    suite(CLOCK + "def test_a(chaosrun): assert made(chaosrun).clock == 'wall'\n").assert_outcomes(passed=1)
    pytester.makeini("[pytest]\nchaosrun_clock = sundial\n")
    result = suite("def test_a(): pass\n")
    assert result.ret == 4
    result.stderr.fnmatch_lines(["ERROR: chaosrun_clock = sundial: there are auto, virtual and wall"])


# A command that has no virtual time, as on macOS, and does everything else.
NO_TIME = """#!/bin/sh
if [ "$1" = exec ]; then echo "chaosrun: no virtual time: ptrace is refused" >&2; exit 3; fi
exec '{}' "$@"
"""


@pytest.mark.parametrize("clock", ["auto", "virtual"])
def test_a_machine_without_virtual_time(suite, pytester, monkeypatch, clock):
    binary = pytester.path / "binary"
    binary.write_text(NO_TIME.format(find()))
    binary.chmod(0o755)
    monkeypatch.setenv("CHAOSRUN_BINARY", str(binary))
    result = suite(CLOCK + "def test_a(chaosrun): assert made(chaosrun).clock == 'wall'\ndef test_b(): pass\n", f"--chaosrun-clock={clock}")
    if clock == "auto":
        result.assert_outcomes(passed=2)
    else:
        result.assert_outcomes(passed=1, errors=1)
    result.stdout.fnmatch_lines(["chaosrun: in real time: chaosrun: no virtual time: ptrace is refused"])


@virtual
def test_under_exec_all_run_in_place(pytester, monkeypatch):
    monkeypatch.setenv("PYTHONPATH", os.pathsep.join([str(HERE), os.environ.get("PYTHONPATH", "")]))
    pytester.makepyfile(test_it=CLOCK + "def test_a(chaosrun): assert made(chaosrun).clock == 'virtual'\ndef test_b(): assert 'CHAOSRUN_VIRTUAL_TIME' in os.environ\n")
    ran = subprocess.run([find(), "exec", "--", sys.executable, "-m", "pytest", "-p", "no:cacheprovider"], capture_output=True, text=True)
    assert "2 passed" in ran.stdout, ran.stdout
    assert "tests in virtual time" not in ran.stdout


def test_collecting_starts_nothing(suite, monkeypatch):
    monkeypatch.setenv("CHAOSRUN_BINARY", "/nowhere")
    suite(CLOCK + "def test_a(chaosrun): pass\n", "--collect-only", "-q").stdout.fnmatch_lines(["test_it.py::test_a"])


def test_other_suites_notice_nothing(suite, monkeypatch):
    monkeypatch.setenv("CHAOSRUN_BINARY", "/nowhere")
    result = suite("def test_a(): pass\n")
    result.assert_outcomes(passed=1)
    result.stdout.no_fnmatch_line("chaosrun: *")


def test_the_option_is_explained(pytester):
    result = pytester.runpytest_subprocess("--help")
    result.stdout.fnmatch_lines(["*--chaosrun-clock=*", "*chaosrun_clock*"])


@virtual
def test_what_cannot_be_collected_there(suite):
    source = "import os\nfrom engines import text\nif 'CHAOSRUN_VIRTUAL_TIME' not in os.environ:\n    def test_a(chaosrun): pass\ndef test_b(): pass\n"
    result = suite(source)
    result.assert_outcomes(passed=1, errors=1)
    result.stdout.fnmatch_lines(["chaosrun: the process in virtual time did not collect this test*"])
