"""The half of a Lab that makes the calls: saw and asaw record what the caller got, piece by piece."""

from __future__ import annotations

import asyncio
import inspect
import threading
import time
from typing import Any, Optional

from .alarm import Alarm
from .errors import Cut, Error, Failed, Skipped, Unknown
from .fixture_process import FixtureProcess
from .model import Call, Upstream
from .pieces import error_line, line_of, refuse

# What ends a call without being the engine's error: the test's own mistakes, and what the lab raises.
_NOT_THE_ENGINES = (Failed, Unknown, Skipped, Error)


# How long the judge may take between two calls, in seconds: as long as for a verdict.
_BEGINS = 120.0


class Seeing:
    """Records what the callers got, and hears when a call is cut. Lab has the rest."""

    upstreams: list[Upstream]
    calls: list[Call]
    _process: FixtureProcess
    _alarm: Alarm

    def __init__(self) -> None:
        self._seen: set[int] = set()
        self._talking = False
        self._reason = ""
        self._begun = 1
        self._changed = threading.Condition()

    @property
    def cut(self) -> str:
        """Why the call under way was cut, or "" if it was not: the verdict stands."""
        return self._reason

    def saw(self, what: Any, *, call: Optional[int] = None) -> str:
        """Records what the engine's caller got, to its end, and returns the text.

        what is the text; an exception; an iterator of pieces, recorded as they come; or a function that returns
        one of these, or raises. Pieces are texts, None, and chaosrun.thinking(…), tool(…) and restart(). An
        exception is the error that the caller got. For coroutines and async iterators there is asaw.

        If the call is cut, because it lasts too long, the providers no longer answer. A function that has not
        returned 5 s later is interrupted, and saw returns. (Not on Windows, and not outside of the main thread.)

        call is the number of the call, from 1, in a scenario with several. Default: the next one.
        """
        __tracebackhide__ = True
        told = _Told(self, call)
        try:
            if callable(what):
                time.sleep(told.pause)
                what = what()
            self._take(told, what)
        except Cut:
            pass
        except _NOT_THE_ENGINES:
            raise
        except Exception as error:
            told.error(error)
        return told.text

    def _take(self, told: _Told, what: Any) -> None:
        __tracebackhide__ = True
        if isinstance(what, BaseException):
            told.error(what)
        elif isinstance(what, str):
            told.piece(what)
            told.end()
        elif inspect.isawaitable(what) or hasattr(what, "__aiter__"):
            if inspect.iscoroutine(what):
                what.close()
            raise Error("saw: this is a coroutine or an async iterator; write `await lab.asaw(…)`, or lab.saw(lambda: asyncio.run(…))")
        elif _iterable(what):
            for piece in what:
                told.piece(piece)
            told.end()
        else:
            raise Error(str(refuse(what)))

    async def asaw(self, what: Any, *, call: Optional[int] = None) -> str:
        """Records what the engine's caller got, as saw does, from a coroutine, an async iterator, or a function that returns one.

        It takes all that saw takes, too. If the call is cut and goes on, its task is cancelled.
        """
        __tracebackhide__ = True
        told = _Told(self, call)
        try:
            await self._until_cut(self._atake(told, what))
        except Cut:
            pass
        except _NOT_THE_ENGINES:
            raise
        except Exception as error:
            told.error(error)
        return told.text

    async def _atake(self, told: _Told, what: Any) -> None:
        if callable(what):
            time.sleep(told.pause)  # nothing else goes on: calls come one after the other
            what = what()
        if inspect.isawaitable(what):
            what = await what
        if hasattr(what, "__aiter__"):
            async for piece in what:
                told.piece(piece)
            told.end()
        else:
            self._take(told, what)

    async def _until_cut(self, work: Any) -> None:
        """Awaits work. With asyncio, it is cancelled if the call goes on after the cut."""
        try:
            loop = asyncio.get_running_loop()
        except RuntimeError:  # another library's loop
            await work
            return
        task = loop.create_task(work)
        ours = []  # whether the cancellation is ours, or that of the test

        def cancel() -> None:
            ours.append(True)
            loop.call_soon_threadsafe(task.cancel)

        take_back = self._alarm.cancels(cancel)
        try:
            await task
        except asyncio.CancelledError:
            if not ours:
                raise
        finally:
            take_back()

    def _heard(self, line: dict[str, Any]) -> None:
        """Hears that a call has begun or was cut, or that the process has ended. Another thread calls it."""
        if "cut" in line:
            self._reason = line.get("reason") or "cut"
            self._alarm.ring(self._reason)
        with self._changed:
            # After a cut, and without a process, no call begins, and nobody has to wait for it.
            self._begun = line.get("begun") or len(getattr(self, "calls", ())) or 1
            self._changed.notify_all()

    def _wait_for(self, call: int) -> None:
        """Waits until requests belong to a call: the one before it has to be over at the judge's, too."""
        with self._changed:
            self._changed.wait_for(lambda: call <= self._begun, timeout=_BEGINS)

    def _ask(self, line: dict[str, Any]) -> dict[str, Any]:
        __tracebackhide__ = True
        self._talking = True
        try:
            return self._process.ask(line)
        finally:
            self._talking = False

    def _send(self, line: dict[str, Any]) -> None:
        __tracebackhide__ = True
        self._talking = True
        try:
            self._process.send(line)
        finally:
            self._talking = False


class _Told:
    """What was told about one call."""

    def __init__(self, lab: Seeing, call: Optional[int]) -> None:
        __tracebackhide__ = True
        if call is None:
            call = len(lab._seen) + 1
        if not 1 <= call <= len(lab.calls):
            raise Error(f"saw: there is no call {call}, the scenario makes {len(lab.calls)}; open another lab for another run")
        if call in lab._seen:
            raise Error(f"saw: what the caller of call {call} got was told already")
        lab._seen.add(call)
        lab._wait_for(call)
        self._lab, self._call = lab, call
        #: The pause before the call, in seconds.
        self.pause = lab.calls[call - 1].after
        #: The text so far.
        self.text = ""

    def piece(self, piece: Any) -> None:
        """Tells a piece."""
        try:
            line = line_of(piece)
        except TypeError as error:
            raise Error(str(error)) from None
        if line is not None:
            self._lab._send({"call": self._call, **line})
            self.text = "" if line.get("restart") else self.text + line.get("text", "")

    def end(self) -> None:
        """Tells that the answer is whole."""
        self._lab._send({"call": self._call, "end": True})

    def error(self, error: BaseException) -> None:
        """Tells that the caller got an error."""
        self._lab._send({"call": self._call, **error_line(error, [upstream.key for upstream in self._lab.upstreams])})


def _iterable(what: Any) -> bool:
    """Reports whether something yields pieces. Bytes and mappings yield numbers and keys."""
    return hasattr(what, "__iter__") and not isinstance(what, (bytes, bytearray, dict))
