"""A lab's process: where the command is found, what its death looks like, and that nothing survives."""

import os
import signal
import subprocess
import sys
import textwrap
import time

import pytest
from engines import stream, text

import chaosrun as package
from chaosrun import Error, Lab
from chaosrun.binary import find

HELLO = '{"v":1,"fixture":"stub","clock":"wall","calls":[{"prompt":"hi"}],"upstreams":[{"name":"primary","protocol":"openai-chat","url":"u","base_url":"b","key":"k","model":"m"}]}'


@pytest.fixture
def stub(tmp_path, monkeypatch):
    """Makes a script the command."""

    def make(body):
        path = tmp_path / "stub"
        path.write_text(f"#!{sys.executable}\nimport sys, time\n{textwrap.dedent(body)}")
        path.chmod(0o755)
        monkeypatch.setenv("CHAOSRUN_BINARY", str(path))

    return make


def gone(pid):
    """Waits until a process has ended."""
    for _ in range(100):
        try:
            os.kill(pid, 0)
        except ProcessLookupError:
            return True
        time.sleep(0.05)
    return False


def test_a_command_that_dies_at_once(stub):
    stub('print("what is this flag?", file=sys.stderr); sys.exit(64)')
    with pytest.raises(Error, match="ended early, with exit code 64\n  what is this flag?"):
        Lab("healthy")


def test_a_command_that_dies_later(stub):
    stub(f"print('{HELLO}', flush=True); sys.stdin.readline(); print('the roof is on fire', file=sys.stderr); sys.exit(2)")
    lab = Lab("healthy")
    lab.saw("hello")
    with pytest.raises(Error, match="exit code 2\n  the roof is on fire"):
        lab.check()
    with pytest.raises(Error, match="exit code 2"):  # and again
        lab.check()
    lab.close()


def test_garbage(stub):
    stub("print('good morning', flush=True); sys.stdin.read()")
    with pytest.raises(Error, match="no JSON object: 'good morning"):
        Lab("healthy")


def test_a_long_log_blocks_nobody_and_is_bounded(stub):
    stub(f"""
        for n in range(20000): print("line", n, "x" * 200, file=sys.stderr)
        print('{HELLO}', flush=True)
        sys.stdin.readline()
        sys.exit(1)
        """)
    lab = Lab("healthy")
    with pytest.raises(Error) as raised:
        lab.check()
    assert "line 19999" in str(raised.value)
    assert "line 10000 " not in str(raised.value)
    lab.close()


def test_a_command_that_does_not_leave_is_killed(stub, monkeypatch):
    monkeypatch.setattr("chaosrun.fixture_process._LEAVE", 0.2)
    stub(f"""
        import signal
        signal.signal(signal.SIGTERM, signal.SIG_IGN)
        print('{HELLO}', flush=True)
        time.sleep(600)
        """)
    lab = Lab("healthy")
    pid = lab._process.pid
    lab.close()
    lab.close()
    assert gone(pid)


def test_no_command(monkeypatch, tmp_path):
    monkeypatch.setenv("CHAOSRUN_BINARY", str(tmp_path / "missing"))
    with pytest.raises(FileNotFoundError, match="no such program"):
        find()
    with pytest.raises(Error, match="no such program"):
        Lab("healthy")


@pytest.mark.skipif(bool(os.environ.get("CHAOSRUN_BINARY")), reason="CHAOSRUN_BINARY stands for the binary of the wheel")
def test_the_binary_of_the_wheel():
    assert find().startswith(os.path.dirname(package.__file__))
    assert subprocess.run([find(), "version"], capture_output=True, text=True, check=True).stdout.startswith("chaosrun v")
    script = os.path.join(os.path.dirname(sys.executable), "chaosrun")
    assert subprocess.run([script, "version"], capture_output=True, text=True, check=True).stdout.startswith("chaosrun v")
    assert subprocess.run([script, "nonsense"], capture_output=True).returncode == 64


def test_mistakes_say_what_is_right():
    with pytest.raises(Error, match='did you mean "heartbeat-only"'):
        Lab("heartbeat-onl")
    with pytest.raises(Error, match="no such protocol"):
        Lab("healthy", protocol="smoke-signals")
    with pytest.raises(Error, match="limit"):
        Lab("healthy", limits={"time_to_lunch": 5})
    with pytest.raises(ValueError, match="above 0"):
        Lab("healthy", within=0)


@pytest.fixture
def healthy():
    with Lab("healthy", protocol="openai-chat") as lab:
        yield lab
        lab.result  # noqa: B018 - else it is an error that nobody judged it


def test_what_is_no_answer(healthy):
    for wrong, hint in ((None, "returned None"), (3, "is no answer"), (b"x", "is no answer"), ([3], "is no piece")):
        with pytest.raises(Error, match=hint):
            healthy.saw(lambda: wrong)
        healthy._seen.clear()


def test_a_coroutine_belongs_to_asaw(healthy):
    async def answer():
        return "hello"

    with pytest.raises(Error, match="await lab.asaw"):
        healthy.saw(answer())


def test_a_call_is_told_once(healthy):
    healthy.saw("hello")
    with pytest.raises(Error, match="told already"):
        healthy.saw("hello", call=1)
    with pytest.raises(Error, match="no call 2, the scenario makes 1"):
        healthy.saw("hello")


def test_the_environment_is_the_users(healthy, monkeypatch):
    assert "PRIMARY_BASE_URL" not in os.environ
    healthy.setenv(monkeypatch)
    assert os.environ["PRIMARY_BASE_URL"] == healthy.upstreams[0].base_url
    assert os.environ["OPENAI_API_KEY"] == healthy.upstreams[0].key


def test_a_lab_that_nobody_judged():
    with pytest.raises(Error, match="never judged"), Lab("healthy"):
        pass


def test_an_error_in_the_test_comes_first():
    with pytest.raises(ZeroDivisionError), Lab("healthy"):
        1 / 0


def test_a_context_manager_without_pytest():
    code = """
        import chaosrun
        from engines import stream
        with chaosrun.Lab("healthy", protocol="openai-chat") as lab:
            lab.saw(stream(lab.upstreams[0], lab.prompt))
            lab.assert_stayed()
        print("good")
        """
    ran = subprocess.run([sys.executable, "-c", textwrap.dedent(code)], cwd=os.path.dirname(__file__), capture_output=True, text=True)
    assert (ran.stdout, ran.returncode) == ("good\n", 0), ran.stderr


@pytest.mark.parametrize("end", ["", "os._exit(0)", "os.kill(os.getpid(), 9)", "os.fork() or time.sleep(2)"])
def test_nothing_survives_its_process(end):
    code = f"import os, time, chaosrun; lab = chaosrun.Lab('healthy'); print(lab._process.pid, flush=True); {end}"
    ran = subprocess.run([sys.executable, "-c", code], stdout=subprocess.PIPE, text=True)
    assert gone(int(ran.stdout.split()[0]))


def test_the_signal_is_given_back(healthy):
    before = signal.getsignal(signal.SIGALRM)
    with Lab("healthy", protocol="openai-chat") as lab:
        lab.saw(text(stream(lab.upstreams[0], lab.prompt)))
        assert signal.getsignal(signal.SIGALRM) != before
        lab.check()
    assert signal.getsignal(signal.SIGALRM) == before


def test_somebody_elses_alarm_still_rings():
    heard = []
    old = signal.signal(signal.SIGALRM, lambda *_: heard.append(True))
    try:
        with Lab("healthy", protocol="openai-chat") as lab:
            signal.raise_signal(signal.SIGALRM)
            lab.saw("hello")
            lab.result  # noqa: B018
    finally:
        signal.signal(signal.SIGALRM, old)
    assert heard == [True]
