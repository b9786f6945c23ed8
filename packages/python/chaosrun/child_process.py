"""The child that runs tests in virtual time, as the process that started it sees it."""

from __future__ import annotations

import contextlib
import os
import pickle
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any, Iterator, Optional

import pytest

from .binary import find

# The exit code of `chaosrun exec` where the machine has no virtual time.
_NO_VIRTUAL_TIME = 3
# How long the child may take to end after its input has, in seconds.
_LEAVE = 10.0
# How much of the child's output explains its death, in characters.
_TAIL = 2000


class CannotStart(Exception):
    """There is no virtual time here, for the reason in the message."""


class ChildDied(Exception):
    """The child ended, or could not run the test."""


class ChildProcess:
    """One child, which has collected the tests of a session."""

    def __init__(self, config: pytest.Config) -> None:
        """Starts it. Raises CannotStart where there is no virtual time."""
        try:
            binary = find()
        except FileNotFoundError as error:
            raise CannotStart(str(error)) from error
        self._dead = ""
        # With -s its output is the user's. Else it is what pytest has not captured, and explains a death.
        self._log = None if config.option.capture == "no" else tempfile.TemporaryFile()
        self._process = subprocess.Popen(
            [binary, "exec", "--quiet", "--", sys.executable, str(Path(__file__).with_name("child.py"))],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=self._log,
            env={**os.environ, **_coverage()},
        )
        try:
            self._send(_instructions(config))
            self._receive()
        except ChildDied as error:
            code = self._process.returncode
            self.close()
            if code == _NO_VIRTUAL_TIME:
                raise CannotStart(self._dead) from None
            raise CannotStart(f"the process for it did not start: {error}") from None

    def run(self, test: str, following: Optional[str]) -> Iterator[tuple[str, Any]]:
        """Runs a test. Yields ("report", …) and ("warning", …) as they come. Raises ChildDied if it cannot."""
        self._send((test, following))
        while True:
            name, data = self._receive()
            if name == "done":
                return
            if name == "missing":
                raise ChildDied("the process in virtual time did not collect this test, which was collected here")
            yield name, data

    def close(self) -> None:
        """Ends it by closing its input, and by force if that does not help."""
        with contextlib.suppress(OSError):
            self._process.stdin.close()  # type: ignore[union-attr]
        for end in (self._process.terminate, self._process.kill, None):
            try:
                self._process.wait(timeout=_LEAVE)
                break
            except subprocess.TimeoutExpired:
                if end:
                    end()
        self._process.stdout.close()  # type: ignore[union-attr]
        if self._log:
            self._log.close()
            self._log = None

    def _send(self, what: Any) -> None:
        try:
            pickle.dump(what, self._process.stdin)  # type: ignore[arg-type]
            self._process.stdin.flush()  # type: ignore[union-attr]
        except (OSError, ValueError):
            raise ChildDied(self._epitaph()) from None

    def _receive(self) -> tuple[str, Any]:
        try:
            return pickle.load(self._process.stdout)  # type: ignore[arg-type]
        except (OSError, EOFError, ValueError, pickle.UnpicklingError):
            raise ChildDied(self._epitaph()) from None

    def _epitaph(self) -> str:
        """Says how the child ended, with the end of its output."""
        if self._dead:
            return self._dead
        with contextlib.suppress(OSError):
            self._process.stdin.close()  # type: ignore[union-attr]
        try:
            code = self._process.wait(timeout=_LEAVE)
        except subprocess.TimeoutExpired:
            self._process.kill()
            code = self._process.wait()
        tail = ""
        if self._log:
            self._log.seek(0)
            tail = self._log.read().decode("utf-8", "replace").strip()[-_TAIL:]
        self._dead = tail if code == _NO_VIRTUAL_TIME and tail else f"the process in virtual time ended with exit code {code}\n{tail}".strip()
        return self._dead


def _instructions(config: pytest.Config) -> dict[str, Any]:
    """Returns what the child needs to be configured as this process is."""
    option = dict(vars(config.option))
    if option.get("basetemp"):
        option["basetemp"] = f"{option['basetemp']}-chaosrun"  # pytest empties it
    workerinput = getattr(config, "workerinput", {"workerid": "chaosrun", "workercount": 1, "mainargv": sys.argv})
    return {"path": sys.path, "args": config.args, "option": option, "workerinput": dict(workerinput)}


def _coverage() -> dict[str, str]:
    """Returns the variables that let the child measure what this process does, into a data file of its own."""
    module = sys.modules.get("coverage")
    current = module.Coverage.current() if module else None
    if current is None or not hasattr(current.config, "serialize"):
        return {}
    import copy

    config = copy.copy(current.config)
    config.parallel = True
    return {"COVERAGE_PROCESS_CONFIG": config.serialize()}
