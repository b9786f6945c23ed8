"""What a lab finds: engines that are wrong in one way each, and right ones beside them. Most run in virtual time."""

import asyncio
import time

import pytest
from engines import example, fallback, stream, stubborn, text
from machine import virtual

import chaosrun as package
from chaosrun import Cut, Error, Failed, Skipped, Unknown

WIRE = "openai-chat"


@pytest.mark.parametrize("colour, found", [("red", True), ("green", False)])
def test_the_four_lines_of_the_page(chaosrun, colour, found):
    ask = example(colour)
    lab = chaosrun("heartbeat-only", protocol=WIRE, within=30)
    lab.saw(lambda: ask(lab.prompt, lab.env))
    if found:
        with pytest.raises(Failed, match="time_to_fallback: fallback never happened"):
            lab.assert_fell_back()
        assert (lab.result.verdict, lab.result.outcome) == ("failed", "hung")
        assert lab.cut.startswith("cut after 33")
    else:
        lab.assert_fell_back()
        lab.assert_answered_from("secondary")
        lab.check()
        assert (lab.result.verdict, lab.cut) == ("passed", "")


@virtual
def test_five_minutes_of_heartbeats(chaosrun):
    ask = example("red")
    lab = chaosrun("heartbeat-only", protocol=WIRE)
    lab.saw(lambda: ask(lab.prompt, lab.env))
    with pytest.raises(Failed, match="limit 30s"):
        lab.assert_fell_back(within=30)
    assert lab.clock == "virtual"
    assert lab.cut.startswith("cut after 5m3")


def test_the_limit_decides(chaosrun):
    ask = example("green")
    lab = chaosrun("heartbeat-only", protocol=WIRE)
    lab.saw(lambda: ask(lab.prompt, lab.env))
    lab.assert_fell_back(within=11)
    with pytest.raises(Failed, match="limit 9s"):
        lab.assert_fell_back(within=9)


def test_within_cuts_early(chaosrun):
    ask = example("red")
    lab = chaosrun("heartbeat-only", protocol=WIRE, within=10)
    lab.saw(lambda: ask(lab.prompt, lab.env))
    with pytest.raises(Failed, match="limit 10s"):
        lab.check()
    assert lab.cut.startswith("cut after 1")


def test_answered_from_and_stayed(chaosrun):
    lab = chaosrun("server-error", protocol=WIRE)
    assert lab.saw(fallback(lab)).startswith("secondary")
    lab.check()
    lab.assert_fell_back(within=5)
    lab.assert_answered_from("secondary")
    with pytest.raises(Failed, match="expected the answer of primary"):
        lab.assert_answered_from("primary")
    with pytest.raises(Failed, match="no_fallback"):
        lab.assert_stayed()
    with pytest.raises(Failed):
        lab.assert_failed()


def test_a_healthy_primary_is_left_alone(chaosrun):
    lab = chaosrun("healthy", protocol=WIRE)
    lab.saw(lambda: fallback(lab))  # a function that returns an iterator of pieces
    lab.assert_stayed()
    lab.check()
    with pytest.raises(Failed, match="time_to_fallback"):
        lab.assert_fell_back(within=5)


def test_truncated(chaosrun):
    lab = chaosrun("healthy", protocol=WIRE)
    whole = text(stream(lab.upstreams[0], lab.prompt))
    assert lab.saw(whole[:-8]) == whole[:-8]
    with pytest.raises(Failed, match="answer"):
        lab.assert_stayed()
    assert lab.result.outcome == "truncated"


@pytest.mark.parametrize("between, outcome", [(None, "spliced"), (package.restart(), "answered")])
def test_spliced(chaosrun, between, outcome):
    lab = chaosrun("mid-stream-drop", protocol=WIRE)
    lab.saw(fallback(lab, between))
    assert lab.result.outcome == outcome
    if outcome == "spliced":
        with pytest.raises(Failed, match="answer"):
            lab.assert_fell_back(within=30)
    else:
        lab.assert_fell_back(within=30)


def test_text_that_nobody_sent(chaosrun):
    lab = chaosrun("healthy", protocol=WIRE)
    list(stream(lab.upstreams[0], lab.prompt))
    lab.saw("something else")
    with pytest.raises(Failed, match="in no provider's answer"):
        lab.check()


def test_an_error_with_its_status_and_without_keys(chaosrun):
    class APIStatusError(Exception):
        status_code = 502

    def engine():
        try:
            return text(stream(lab.upstreams[0], lab.prompt))
        except OSError as error:
            raise APIStatusError(f"{error} for {lab.upstreams[0].key}") from error

    lab = chaosrun("server-error", protocol=WIRE)
    assert lab.saw(engine) == ""
    lab.assert_failed()
    with pytest.raises(Failed, match="time_to_fallback"):
        lab.assert_fell_back(within=30)
    assert "APIStatusError" in lab.trace
    assert "502" in lab.trace
    assert lab.upstreams[0].key not in lab.trace


def test_an_error_that_was_caught(chaosrun):
    lab = chaosrun("server-error", protocol=WIRE)
    with pytest.raises(OSError) as caught:
        list(stream(lab.upstreams[0], lab.prompt))
    lab.saw(caught.value)
    lab.assert_failed()


def test_pieces_are_recorded_as_they_come(chaosrun):
    lab = chaosrun("slow-trickle", protocol=WIRE, deadline=20)
    lab.saw(stream(lab.upstreams[0], lab.prompt))
    assert not lab.judged
    received = [event.get("count", 1) for event in lab.result.report["timeline"] if event["kind"] == "text-received"]
    assert sum(received) > 10, lab.trace  # one a second


def test_a_call_that_was_not_made_is_unknown(chaosrun):
    lab = chaosrun("server-error", protocol=WIRE)
    with pytest.raises(Unknown, match="call saw with the text or the error"):
        lab.check()
    with pytest.raises(Unknown):
        lab.assert_failed()


def test_an_answer_that_met_no_provider_is_unknown(chaosrun):
    lab = chaosrun("server-error", protocol=WIRE)
    lab.saw("an answer out of nothing")
    with pytest.raises((Unknown, Failed)) as raised:
        lab.assert_fell_back(within=30)
    assert lab.result.verdict in ("unknown", "failed"), raised.value


def test_a_wire_that_the_scenario_does_not_have_is_skipped(chaosrun):
    with pytest.raises(Skipped, match="gemini"):
        chaosrun("heartbeat-only-gemini", protocol=WIRE)


def test_two_calls(chaosrun):
    ask = example("green")
    lab = chaosrun("second-call", protocol=WIRE, within=15)
    assert [call.prompt for call in lab.calls] == ["say hello", "say it again"]
    for number, call in enumerate(lab.calls, 1):
        lab.saw(lambda: ask(call.prompt, lab.env), call=number)  # noqa: B023 - called at once
    with pytest.raises(Error, match="no call 3, the scenario makes 2"):
        lab.saw("more")
    lab.assert_fell_back()
    lab.assert_answered_from("secondary")
    with pytest.raises(Failed, match="attempts"):  # it asks the dead primary again
        lab.check()


@virtual
def test_the_pause_before_a_call(chaosrun):
    lab = chaosrun("primary-returns", protocol=WIRE, within=10)
    assert any(call.after > 0 for call in lab.calls), lab.calls
    began = time.monotonic()
    for _ in lab.calls:
        lab.saw(lambda: fallback(lab))
    assert time.monotonic() - began >= sum(call.after for call in lab.calls)
    assert lab.result.verdict != "unknown", lab.trace


def test_other_expectations(chaosrun):
    lab = chaosrun("server-error", protocol=WIRE)
    lab.saw(fallback(lab))
    lab.expect({"attempts": {"primary": {"max": 1}}, "answer": {"from": "secondary"}})
    lab.expect("time_to_answer", limits={"time_to_answer": 60})
    with pytest.raises(Failed, match="attempts"):
        lab.expect({"attempts": {"primary": {"max": 0}}})
    with pytest.raises(Error, match='did you mean "time_to_answer"'):
        lab.expect("time_to_answe")
    lab.check()  # after an error the lab goes on


def test_an_engine_that_never_returns(chaosrun):
    lab = chaosrun("heartbeat-only", protocol=WIRE, within=5)
    lab.saw(lambda: stubborn(lab))
    with pytest.raises(Failed, match="limit 5s"):
        lab.assert_fell_back(within=5)


def test_an_engine_that_never_returns_outside_of_saw(chaosrun):
    lab = chaosrun("heartbeat-only", protocol=WIRE, within=5)
    with pytest.raises(Cut, match="went on all the same"):
        lab.saw(stubborn(lab))
    assert lab.result.outcome == "hung"


async def pieces(lab, name):
    upstream = next(u for u in lab.upstreams if u.name == name)
    for piece in await asyncio.to_thread(lambda: list(stream(upstream, lab.prompt))):
        yield piece


@pytest.mark.asyncio
async def test_an_async_iterator(chaosrun):
    lab = chaosrun("healthy", protocol=WIRE)
    await lab.asaw(pieces(lab, "primary"))
    lab.assert_stayed()


@pytest.mark.asyncio
async def test_a_coroutine(chaosrun):
    async def engine():
        try:
            return text([piece async for piece in pieces(lab, "primary")])
        except OSError:
            return text([piece async for piece in pieces(lab, "secondary")])

    lab = chaosrun("server-error", protocol=WIRE)
    await lab.asaw(engine)
    lab.assert_fell_back(within=30)


@pytest.mark.asyncio
async def test_a_coroutine_that_raises(chaosrun):
    async def engine():
        return text([piece async for piece in pieces(lab, "primary")])

    lab = chaosrun("server-error", protocol=WIRE)
    await lab.asaw(engine())
    lab.assert_failed()


@pytest.mark.asyncio
async def test_a_coroutine_that_never_returns(chaosrun):
    async def engine():
        await asyncio.to_thread(lambda: list(stream(lab.upstreams[0], lab.prompt)))
        await asyncio.Event().wait()

    async def stubborn_engine():
        while True:
            try:
                return await engine()
            except Exception:
                await asyncio.sleep(1)

    lab = chaosrun("heartbeat-only", protocol=WIRE, within=5)
    await lab.asaw(stubborn_engine())
    with pytest.raises(Failed, match="limit 5s"):
        lab.check()


@pytest.mark.asyncio
async def test_a_coroutine_that_blocks_for_ever(chaosrun):
    async def engine():
        return stubborn(lab)

    lab = chaosrun("heartbeat-only", protocol=WIRE, within=5)
    await lab.asaw(engine())
    with pytest.raises(Failed, match="limit 5s"):
        lab.check()


@pytest.mark.asyncio
async def test_a_cancellation_of_the_test_passes_through(chaosrun):
    lab = chaosrun("healthy", protocol=WIRE)
    with pytest.raises(asyncio.TimeoutError):
        await asyncio.wait_for(lab.asaw(asyncio.sleep(3600)), 1)
    assert lab.result.verdict == "unknown"
