"""Runs the tests that use the fixture `chaosrun` in a process that lives in virtual time.

The first of them starts one child, `chaosrun exec -- python child.py`, which collects the same tests.
This process names one test after the other, and reports what the child reported, as pytest-xdist does.
So other tests, and plugins that look at results, notice nothing. The child ends with the session.
"""

from __future__ import annotations

import os
import sys
from typing import Any, Iterator, Optional

import pytest

from .child_process import ChildDied, ChildProcess, CannotStart

# Set by `chaosrun exec` for everything that lives in its virtual time.
_INSIDE = "CHAOSRUN_VIRTUAL_TIME"


def in_place(config: pytest.Config) -> bool:
    """Reports whether tests have to run in this process, whatever the machine allows.

    It lives in virtual time already, or a debugger or the output of fixtures needs the terminal.
    """
    option = config.option
    needs_terminal = any(getattr(option, name, False) for name in ("usepdb", "trace", "setuponly", "setupshow", "setupplan"))
    return bool(os.environ.get(_INSIDE)) or needs_terminal


class Elsewhere:
    """The plugin that hands tests to the child."""

    def __init__(self, config: pytest.Config, must: bool) -> None:
        self._config = config
        self._must = must
        self._child: Optional[ChildProcess] = None
        self._why_not = "" if sys.platform == "linux" else f"it needs Linux, and this is {sys.platform}"
        self._tests = 0
        self._seconds = 0.0
        self._notes: list[str] = []  # those of xdist's workers

    @pytest.hookimpl(tryfirst=True)
    def pytest_runtest_protocol(self, item: pytest.Item, nextitem: Optional[pytest.Item]) -> Optional[bool]:
        """Lets the child run a test, and reports it here."""
        if not _concerns(item) or (self._why_not and not self._must):
            return None
        if self._child is None and not self._why_not:
            try:
                self._child = ChildProcess(self._config)
            except CannotStart as error:
                self._why_not = str(error)
                if not self._must:
                    return None
        item.ihook.pytest_runtest_logstart(nodeid=item.nodeid, location=item.location)
        self._run(item, nextitem)
        item.ihook.pytest_runtest_logfinish(nodeid=item.nodeid, location=item.location)
        return True

    def _run(self, item: pytest.Item, nextitem: Optional[pytest.Item]) -> None:
        """Reports what the child reports of a test. Where the child dies, or there is none, the test is an error."""
        self._tests += 1
        told: list[pytest.TestReport] = []
        try:
            if self._child is None:
                raise ChildDied(f"no virtual time: {self._why_not}")
            for name, data in self._child.run(item.nodeid, self._next(item, nextitem)):
                if name == "warning":
                    self._config.hook.pytest_warning_recorded.call_historic(kwargs=data)
                    continue
                report = self._config.hook.pytest_report_from_serializable(config=self._config, data=data)
                told.append(report)
                self._seconds += report.duration
                item.ihook.pytest_runtest_logreport(report=report)
        except ChildDied as error:
            item.ihook.pytest_runtest_logreport(report=_error_report(item, told, str(error)))

    def _next(self, item: pytest.Item, nextitem: Optional[pytest.Item]) -> Optional[str]:
        """Returns the next test of the child, if it is known: what both need is then not torn down between them."""
        if nextitem is None:
            return None
        if hasattr(self._config, "workerinput"):  # xdist decides what comes after the next one
            return nextitem.nodeid if _concerns(nextitem) else None
        items = item.session.items
        following = items[items.index(nextitem) :]
        return next((other.nodeid for other in following if _concerns(other)), None)

    @pytest.hookimpl(hookwrapper=True, trylast=True)
    def pytest_runtestloop(self) -> Iterator[None]:
        """Ends the child after the last test, before pytest-cov combines what both have measured."""
        yield
        if self._child is not None:
            self._child.close()
            self._child = None

    def pytest_sessionfinish(self) -> None:
        """Hands the line about the time to xdist's main process."""
        if hasattr(self._config, "workeroutput"):
            self._config.workeroutput["chaosrun"] = self._line()

    @pytest.hookimpl(optionalhook=True)
    def pytest_testnodedown(self, node: Any, error: Any) -> None:
        """Takes the line of a worker of xdist."""
        line = getattr(node, "workeroutput", {}).get("chaosrun")
        if line and line not in self._notes:
            self._notes.append(line)

    def pytest_terminal_summary(self, terminalreporter: Any) -> None:
        """Says which time the tests had."""
        for line in [self._line(), *self._notes]:
            if line:
                terminalreporter.write_line(line)

    def _line(self) -> str:
        if self._why_not:
            return f"chaosrun: in real time: {self._why_not}"
        if self._tests:
            return f"chaosrun: {self._tests} test{'s' * (self._tests != 1)} in virtual time, {self._seconds:.1f} s of it"
        return ""


def _concerns(item: pytest.Item) -> bool:
    return "chaosrun" in getattr(item, "fixturenames", ())


def _error_report(item: pytest.Item, told: list[pytest.TestReport], text: str) -> pytest.TestReport:
    """Returns the report of a test that the child did not finish, for the phase in which it stopped."""
    phases = ("setup", "call", "teardown")
    when = phases[min(len(told), 2)]
    keywords = {name: 1 for name in item.keywords}
    return pytest.TestReport(item.nodeid, item.location, keywords, "failed", f"chaosrun: {text}", when)  # type: ignore[arg-type]
