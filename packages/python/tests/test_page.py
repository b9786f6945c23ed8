"""docs/PYTHON.md, done as it says: its commands one after the other, with its files, in a folder and a fresh venv of their own."""

import os
import re
import shlex
import subprocess
from pathlib import Path

import pytest

REPOSITORY = Path(__file__).parents[3]
WHEELS = os.environ.get("CHAOSRUN_WHEELS")

BLOCK = re.compile(r"(?:<!-- from (\S+) -->\n)?```(\w+)\n(.*?)```\n", re.DOTALL)
# What differs from run to run: numbers, with their units.
VARIES = re.compile(r"\d[\d.]*(?:µs|ms|m|s|h)?(?:\d[\d.]*(?:ms|s|m))?")


def steps(page):
    """Returns what the page says in its order: ("file", path), ("run", command, exit code) and ("output", lines)."""
    for source, language, text in BLOCK.findall(page):
        if source:
            yield "file", source
        elif language == "sh":
            for command in text.strip().splitlines():
                command, _, remark = command.partition(" # ")
                yield "run", command, 1 if remark == "red" else 0
        elif language == "text":
            yield "output", text


def normal(line):
    return " ".join(VARIES.sub("N", line).split())


def must_print(expected, output):
    """Wants each line of a block in the output, in this order, whatever its numbers."""
    rest = iter(normal(line) for line in output.splitlines())
    for line in expected.splitlines():
        if line != "…":
            assert any(normal(line) == other for other in rest), f"{line!r} is not, or not there, in\n{output}"


@pytest.mark.skipif(not WHEELS, reason="CHAOSRUN_WHEELS is not set to the folder of the wheel: .ci/run packages")
def test_the_page(tmp_path):
    others = ("CHAOSRUN_BINARY", "PYTHONPATH", "VIRTUAL_ENV", "PYTEST_CURRENT_TEST", "CI", "BUILD_NUMBER")  # pytest cuts no line where CI is set
    env = {name: value for name, value in os.environ.items() if name not in others}
    pins = tmp_path / "pins.txt"  # the versions that this repository is tested with
    pins.write_text((Path(__file__).parent / "requirements.txt").read_text())
    env |= {"PIP_CONSTRAINT": str(pins), "PIP_DISABLE_PIP_VERSION_CHECK": "1", "PIP_FIND_LINKS": " ".join([WHEELS, env.get("PIP_FIND_LINKS", "")]).strip()}
    folder = tmp_path / "mine"
    folder.mkdir()
    said, runs = "", 0
    activate = f". {shlex.quote(str(folder / '.venv' / 'bin' / 'activate'))}"
    for step in steps((REPOSITORY / "docs" / "PYTHON.md").read_text(encoding="utf-8")):
        if step[0] == "file":
            source = REPOSITORY / step[1]
            (folder / source.name).write_text(source.read_text(encoding="utf-8"), encoding="utf-8")
        elif step[0] == "output":
            must_print(step[1], said)
        else:
            runs += 1
            command = step[1] if runs == 1 else f"{activate} && {step[1]}"
            ran = subprocess.run(["bash", "-c", command], cwd=folder, env=env, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
            said = ran.stdout
            assert ran.returncode == step[2], f"{step[1]}\n{said}"
    assert runs == 9


def test_red_takes_five_commands():
    commands = []
    for kind, *rest in steps((REPOSITORY / "docs" / "PYTHON.md").read_text(encoding="utf-8")):
        if kind == "run":
            commands += rest[0].split("&&")
            if rest[1] == 1:
                break
    assert rest[1] == 1 and len(commands) <= 5, commands


def test_a_wrong_output_is_found():
    must_print("a 1.5s\n…\nc\n", "a 17m2s\nb\nc\n")
    with pytest.raises(AssertionError, match="'d' is not"):
        must_print("a 1.5s\nd\n", "a 17m2s\nb\nc\n")
    with pytest.raises(AssertionError, match="'a' is not"):
        must_print("b\na\n", "a\nb\n")
