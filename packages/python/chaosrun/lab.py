"""A Lab: the providers of one scenario, and the judge of what the caller got."""

from __future__ import annotations

import atexit
import weakref
from typing import Any, Mapping, Optional, Union

from .alarm import Alarm
from .durations import Duration, text_of
from .errors import Error, Failed, Skipped, Unknown
from .fixture_process import FixtureProcess
from .model import Call, Result, Upstream, known
from .seeing import Seeing

#: An expectation as in a scenario's `expect`: its name, or names with their arguments.
Expectation = Union[str, Mapping[str, Any]]

_open: "weakref.WeakSet[Lab]" = weakref.WeakSet()


@atexit.register
def _close_all() -> None:
    """Ends the processes of labs that nobody closed."""
    for lab in list(_open):
        lab.close()


class Lab(Seeing):
    """One run of one scenario, from the first call to the verdict.

    Its providers listen on 127.0.0.1 from the start. Close it at the end: it is a context manager, and
    the pytest fixture `chaosrun` closes what it opened. A Lab belongs to one test, and to one thread.
    """

    def __init__(
        self,
        scenario: str,
        *,
        within: Optional[Duration] = None,
        protocol: Union[str, list[str], None] = None,
        limits: Optional[Mapping[str, Duration]] = None,
        deadline: Optional[Duration] = None,
        cadence: Optional[str] = None,
        seed: int = 1,
        replay: Optional[str] = None,
    ) -> None:
        """Starts the providers of a scenario, which is a name (`chaosrun list scenarios`) or a file.

        within is the limit of the time to fallback; limits sets this one or others, by measure. A call without
        an answer or another provider is cut a tenth after the largest limit. protocol puts every provider on
        one wire, such as "openai-chat". deadline cuts a call in any case. cadence is the longest pause between
        heartbeats, "500ms" unless set. seed decides all that is random. replay is the command that repeats the
        test, for the report.

        Raises Skipped if the scenario cannot be had on that wire, and Error if there is no such scenario.
        """
        __tracebackhide__ = True
        arguments = [scenario, "--seed", str(seed)]
        every = dict(limits or {})
        if within is not None:
            every["time_to_fallback"] = within
        for measure, limit in every.items():
            arguments += ["--limit", f"{measure}={text_of(limit)}"]
        for wire in [protocol] if isinstance(protocol, str) else protocol or []:
            arguments += ["--protocol", wire]
        for flag, value in (("--deadline", deadline and text_of(deadline)), ("--cadence", cadence), ("--replay", replay)):
            if value:
                arguments += [flag, value]
        super().__init__()
        self._result: Optional[Result] = None
        self._process = FixtureProcess(arguments, self._heard)
        try:
            self._greet(self._process.receive())
        except BaseException:
            self._process.close()
            raise
        self._alarm = Alarm(busy=lambda: self._talking)  # no call is cut before one is made
        _open.add(self)

    def _greet(self, hello: dict[str, Any]) -> None:
        __tracebackhide__ = True
        if "skipped" in hello:
            raise Skipped(hello["skipped"])
        if "error" in hello:
            raise Error(hello["error"])
        #: The scenario's name and what it is, in one line.
        self.scenario: str = hello["fixture"]
        self.title: str = hello.get("title", "")
        #: "virtual", "wall", or "x20" for a clock that passes twenty times as fast.
        self.clock: str = hello.get("clock", "wall")
        #: What else the command says, such as why the clock is the wall's.
        self.notes: list[str] = hello.get("notes") or []
        #: The calls that the test makes, nearly always one.
        self.calls = [Call(**known(Call, {**call, "after": call.get("after_s")})) for call in hello.get("calls") or []]
        #: The providers, in the order of the chain: the primary first.
        self.upstreams = [Upstream(**known(Upstream, upstream)) for upstream in hello.get("upstreams") or []]
        #: The variables that `chaosrun exec` exports: PRIMARY_BASE_URL, PRIMARY_API_KEY, … and those of the vendors' SDKs.
        self.env: dict[str, str] = dict(hello.get("env") or {})

    @property
    def prompt(self) -> str:
        """The prompt of the first call."""
        return self.calls[0].prompt

    def setenv(self, monkeypatch: Any) -> None:
        """Sets the variables of env for one test, with pytest's fixture monkeypatch. Nothing else changes os.environ."""
        for name, value in self.env.items():
            monkeypatch.setenv(name, value)

    @property
    def judged(self) -> bool:
        """Whether the verdict was asked for."""
        return self._result is not None

    @property
    def result(self) -> Result:
        """The judgement of the scenario's own expectations. No more calls can be made after it was asked for."""
        __tracebackhide__ = True
        if self._result is None:
            answer = self._ask({"judge": True})
            self._result = Result(answer["verdict"], answer.get("outcome", ""), answer.get("report") or {}, answer.get("text", ""))
            self._alarm.off()
        return self._result

    @property
    def trace(self) -> str:
        """What happened, lane by lane, under the verdict."""
        return self.result.text

    def check(self) -> None:
        """Asserts the scenario's own expectations. Raises Failed, Unknown or Skipped, with the judge's text."""
        __tracebackhide__ = True
        _raise(self.result.verdict, self.result.text)

    def expect(self, *expectations: Expectation, limits: Optional[Mapping[str, Duration]] = None) -> None:
        """Asserts other expectations, as often as you like: lab.expect({"attempts": {"primary": {"max": 1}}}).

        An expectation is a name, or a mapping from names to arguments, as in a scenario's `expect`. limits are
        those of its measures: lab.expect("time_to_answer", limits={"time_to_answer": 40}). Raises Failed,
        Unknown or Skipped, with the judge's text. A run that is unknown as a whole passes nothing.
        """
        __tracebackhide__ = True
        if self.result.verdict in ("unknown", "skipped"):
            _raise(self.result.verdict, self.result.text)
        line: dict[str, Any] = {"expect": [entry for e in expectations for entry in _entries(e)]}
        if limits:
            line["limits"] = {measure: text_of(limit) for measure, limit in limits.items()}
        answer = self._ask(line)
        _raise(answer["verdict"], answer.get("text", ""))

    def assert_fell_back(self, within: Optional[Duration] = None) -> None:
        """Asserts that the caller got the whole answer of one provider, and that another one than the primary was asked in time.

        within is in seconds, from the call's start. Default: the limit of the lab, or of the scenario.
        """
        __tracebackhide__ = True
        self.expect("time_to_fallback", "answer", limits=None if within is None else {"time_to_fallback": within})

    def assert_answered_from(self, provider: str) -> None:
        """Asserts that the caller got that provider's whole answer, exactly once."""
        __tracebackhide__ = True
        self.expect({"answer": {"from": provider}})

    def assert_stayed(self) -> None:
        """Asserts that the primary answered, and no other provider was asked: it was healthy."""
        __tracebackhide__ = True
        self.expect("no_fallback", {"answer": {"from": self.upstreams[0].name}})

    def assert_failed(self) -> None:
        """Asserts that the caller got a clear error, and no answer."""
        __tracebackhide__ = True
        self.expect({"answer": {"outcome": "failed"}})

    def close(self) -> None:
        """Ends the providers and their process. Safe to call twice."""
        self._alarm.off()
        self._process.close()
        _open.discard(self)

    def __enter__(self) -> "Lab":
        return self

    def __exit__(self, kind: Any, error: Any, trace: Any) -> None:
        self.close()
        if error is None:
            self.must_be_judged()

    def must_be_judged(self) -> None:
        """Raises Error if nobody asked for a verdict: such a test would pass whatever happens."""
        __tracebackhide__ = True
        if not self.judged:
            raise Error(f"the lab {self.scenario} was never judged: end the test with lab.assert_fell_back(), lab.check() or lab.expect(…)")


def _entries(expectation: Expectation) -> list[Any]:
    """Returns an expectation as the entries of a scenario's `expect`."""
    if isinstance(expectation, str):
        return [expectation]
    if isinstance(expectation, Mapping):
        return [{name: arguments} for name, arguments in expectation.items()]
    raise TypeError(f"expect: {expectation!r} is no expectation; write a name, or a mapping from names to arguments")


def _raise(verdict: str, text: str) -> None:
    __tracebackhide__ = True
    if verdict in ("passed", "partial"):
        return
    kind = {"failed": Failed, "skipped": Skipped}.get(verdict, Unknown)
    raise kind(text)
