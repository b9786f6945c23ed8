"""The process `chaosrun fixture` of one lab, and the JSON lines that go to and fro."""

from __future__ import annotations

import collections
import contextlib
import json
import os
import queue
import subprocess
import threading
from typing import Any, Callable

from .binary import find
from .errors import Error

# How many lines of the process's log are kept to explain its death.
_KEPT_LINES = 50
# How long an answer may take, in seconds. A verdict takes milliseconds, and settling a second or two.
_PATIENCE = 120.0
# How long the process may take to end after its input has, in seconds.
_LEAVE = 5.0


class FixtureProcess:
    """One `chaosrun fixture`. Its methods may be called from several threads.

    Two threads read what it says, so that no full pipe blocks it.
    """

    def __init__(self, arguments: list[str], on_call: Callable[[dict[str, Any]], None]) -> None:
        """Starts it. on_call gets the lines about a call, {"begun": 2} and {"cut": 1, …}, and {} when the process has ended."""
        self._on_call = on_call
        self._owner = os.getpid()
        self._writing = threading.Lock()
        self._answers: queue.SimpleQueue[Any] = queue.SimpleQueue()
        self._log: collections.deque[str] = collections.deque(maxlen=_KEPT_LINES)
        try:
            command = [find(), "fixture", *arguments]
            self._process = subprocess.Popen(
                command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE, encoding="utf-8", errors="replace", bufsize=1
            )
        except OSError as error:
            raise Error(f"`chaosrun fixture` does not start: {error}") from error
        self._threads = [threading.Thread(target=read, daemon=True, name="chaosrun") for read in (self._read_log, self._read_answers)]
        for thread in self._threads:
            thread.start()

    @property
    def pid(self) -> int:
        """The number of the process."""
        return self._process.pid

    def send(self, line: dict[str, Any]) -> None:
        """Sends a line. Raises Error if the process has gone."""
        try:
            with self._writing:
                self._process.stdin.write(json.dumps(line) + "\n")  # type: ignore[union-attr]
        except (OSError, ValueError) as error:
            raise Error(self._epitaph()) from error

    def receive(self) -> dict[str, Any]:
        """Waits for the next answer. Raises Error if the process has gone, or says nothing for two minutes."""
        __tracebackhide__ = True
        try:
            answer = self._answers.get(timeout=_PATIENCE)
        except queue.Empty:
            raise Error(f"`chaosrun fixture` has not answered for {_PATIENCE:.0f} s") from None
        if answer is None:
            self._answers.put(None)  # for whoever asks next
            raise Error(self._epitaph())
        return answer

    def ask(self, line: dict[str, Any]) -> dict[str, Any]:
        """Sends a line and returns the answer. Raises Error if a line was not understood, this one or one before it."""
        __tracebackhide__ = True
        with contextlib.suppress(queue.Empty):
            while True:
                self._refuse_errors(self._answers.get_nowait())
        self.send(line)
        return self._refuse_errors(self.receive())

    def _refuse_errors(self, answer: Any) -> Any:
        __tracebackhide__ = True
        if answer is None:
            self._answers.put(None)
            raise Error(self._epitaph())
        if answer.get("error"):
            raise Error(answer["error"])
        return answer

    def close(self) -> None:
        """Ends the process by closing its input, and by force if that does not help. Safe to call twice, or after a fork."""
        if os.getpid() != self._owner:
            return
        with contextlib.suppress(OSError, ValueError):
            self._process.stdin.close()  # type: ignore[union-attr]
        for end in (self._process.terminate, self._process.kill, None):
            try:
                self._process.wait(timeout=_LEAVE)
                break
            except subprocess.TimeoutExpired:
                if end:
                    end()
        for thread in self._threads:
            thread.join(timeout=_LEAVE)
        for pipe in (self._process.stdout, self._process.stderr):
            with contextlib.suppress(OSError, ValueError):
                pipe.close()  # type: ignore[union-attr]

    def _read_answers(self) -> None:
        """Hands on what the process says, until it ends."""
        for line in self._process.stdout:  # type: ignore[union-attr]
            try:
                answer = json.loads(line)
            except ValueError:
                answer = None
            if not isinstance(answer, dict):
                self._answers.put({"error": f"`chaosrun fixture` said something that is no JSON object: {line[:200]!r}"})
            elif "cut" in answer or "begun" in answer:
                self._on_call(answer)
            else:
                self._answers.put(answer)
        self._answers.put(None)
        self._on_call({})

    def _read_log(self) -> None:
        for line in self._process.stderr:  # type: ignore[union-attr]
            self._log.append(line.rstrip("\n")[:1000])

    def _epitaph(self) -> str:
        """Says how the process ended, with the end of its log."""
        try:
            code = self._process.wait(timeout=_LEAVE)
            text = f"`chaosrun fixture` ended early, with exit code {code}"
        except subprocess.TimeoutExpired:
            text = "`chaosrun fixture` has closed its output"
        self._threads[0].join(timeout=_LEAVE)
        return "\n".join([text, *(f"  {line}" for line in self._log)])
