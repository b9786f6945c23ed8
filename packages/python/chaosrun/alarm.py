"""Ends what does not end: interrupts the main thread where a call goes on after the cut.

The providers of a call that was cut no longer answer, so most engines return by themselves. One that
retries for ever does not. A signal then raises chaosrun.Cut in the main thread, wherever it is. It
needs SIGALRM and the main thread: on Windows, and in other threads, nothing ends such an engine.
No timer is set, so that pytest-timeout, which owns the process's timer, goes on working.
"""

from __future__ import annotations

import signal
import threading
from typing import Any, Callable, Optional

from .errors import Cut

# How long an engine may go on after the cut before it is interrupted, in seconds: as long as `chaosrun exec` gives a command.
GRACE = 5.0
# How often it is interrupted again, in seconds, if it goes on all the same.
_AGAIN = 1.0


class Alarm:
    """Watches one lab. Made in the main thread, it can interrupt it.

    `busy` says that the main thread is in the package's own code, which ends by itself.
    """

    def __init__(self, busy: Callable[[], bool]) -> None:
        self._busy = busy
        self._reason = ""
        self._off = threading.Event()
        self._tasks: list[Callable[[], None]] = []
        self._previous: Any = None
        self._armed = hasattr(signal, "SIGALRM") and threading.current_thread() is threading.main_thread()
        if self._armed:
            self._previous = signal.getsignal(signal.SIGALRM)
            signal.signal(signal.SIGALRM, self._handle)

    def ring(self, reason: str) -> None:
        """Starts to interrupt after the grace, until the alarm is off. Returns at once."""
        self._reason = reason
        threading.Thread(target=self._ring, daemon=True, name="chaosrun alarm").start()

    def cancels(self, cancel: Callable[[], None]) -> Callable[[], None]:
        """Registers what cancels an asyncio task, to be tried before the signal. Returns what takes it back."""
        self._tasks.append(cancel)
        return lambda: self._tasks.remove(cancel)

    def off(self) -> None:
        """Ends the alarm and gives the signal back. Safe to call twice, from any thread."""
        self._off.set()
        ours = self._armed and threading.current_thread() is threading.main_thread() and signal.getsignal(signal.SIGALRM) == self._handle
        if ours:
            signal.signal(signal.SIGALRM, self._previous if self._previous is not None else signal.SIG_DFL)

    def _ring(self) -> None:
        wait, cancelled = GRACE, False
        while not self._off.wait(wait):
            wait = _AGAIN
            if self._tasks and not cancelled:
                cancelled = True
                for cancel in list(self._tasks):
                    cancel()
            elif self._armed:
                main: Optional[int] = threading.main_thread().ident
                if main is not None:
                    signal.pthread_kill(main, signal.SIGALRM)

    def _handle(self, number: int, frame: Any) -> None:
        """Raises Cut in the main thread, or hands on somebody else's signal."""
        if self._reason and not self._off.is_set():
            if not self._busy():
                raise Cut(f"the call was {self._reason}, and went on all the same")
        elif callable(self._previous):
            self._previous(number, frame)
