"""The pytest plugin: the fixture `chaosrun`, and virtual time for the tests that use it.

    pytest                             tests with the fixture run in virtual time where the machine allows it
    pytest --chaosrun-clock=wall       they run in place, in real time

Under `chaosrun exec -- pytest` everything lives in virtual time already, and tests run in place.
"""

from __future__ import annotations

from typing import Any, Callable, Iterator

import pytest

from .errors import Skipped
from .lab import Lab
from .virtual_time import Elsewhere, in_place

_failed = pytest.StashKey[bool]()


def pytest_addoption(parser: pytest.Parser) -> None:
    """Adds --chaosrun-clock, and the same in the configuration file."""
    text = "the clock of tests that use the fixture chaosrun: virtual, wall, or auto, virtual where the machine allows it (default)"
    parser.getgroup("chaosrun").addoption("--chaosrun-clock", choices=("auto", "virtual", "wall"), default=None, help=text)
    parser.addini("chaosrun_clock", text, default="auto")


def pytest_configure(config: pytest.Config) -> None:
    """Registers what runs tests elsewhere, unless they have to run in place."""
    clock = config.getoption("--chaosrun-clock") or config.getini("chaosrun_clock")
    if clock not in ("auto", "virtual", "wall"):
        raise pytest.UsageError(f"chaosrun_clock = {clock}: there are auto, virtual and wall")
    if clock != "wall" and not in_place(config):
        config.pluginmanager.register(Elsewhere(config, must=clock == "virtual"), "chaosrun-elsewhere")


@pytest.fixture
def chaosrun(request: pytest.FixtureRequest) -> Iterator[Callable[..., Lab]]:
    """A factory of labs, closed at the end of the test: lab = chaosrun("heartbeat-only", within=30)."""
    labs: list[Lab] = []

    def open_lab(scenario: str, **options: Any) -> Lab:
        __tracebackhide__ = True
        options.setdefault("replay", f"pytest '{request.node.nodeid}'")
        lab = Lab(scenario, **options)
        labs.append(lab)
        return lab

    yield open_lab
    for lab in reversed(labs):
        lab.close()
    if not request.node.stash.get(_failed, False):
        for lab in labs:
            lab.must_be_judged()


@pytest.hookimpl(hookwrapper=True)
def pytest_runtest_makereport(item: pytest.Item, call: pytest.CallInfo[None]) -> Iterator[None]:
    """Remembers that a test did not get to its end, so that its lab need not have been judged. A skip points at its test."""
    error = call.excinfo.value if call.excinfo is not None else None
    if call.when == "call" and error is not None:
        item.stash[_failed] = True
    outcome = yield
    if isinstance(error, Skipped):
        path, line, _ = item.reportinfo()
        outcome.get_result().longrepr = (str(path), (line or 0) + 1, f"Skipped: {error}")
