"""What saw takes for an answer, a piece or an error, and how times are written. No process is needed."""

import datetime

import pytest

from chaosrun import restart, thinking, tool
from chaosrun.durations import text_of
from chaosrun.pieces import error_line, line_of, refuse


class Response:
    status_code = 429


class SDKError(Exception):
    def __init__(self, text, **attributes):
        super().__init__(text)
        vars(self).update(attributes)


@pytest.mark.parametrize(
    "piece, line",
    [
        ("hel", {"text": "hel"}),
        ("", None),
        (None, None),
        (thinking("hm"), {"thinking": "hm"}),
        (restart(), {"restart": True}),
        (tool(index=1, name="add"), {"tool": {"index": 1, "name": "add"}}),
        (tool(arguments="{"), {"tool": {"index": 0, "arguments": "{"}}),
    ],
)
def test_a_piece(piece, line):
    assert line_of(piece) == line


@pytest.mark.parametrize("piece", [1, b"bytes", {"text": "no"}, object()])
def test_no_piece(piece):
    with pytest.raises(TypeError, match="is no piece of an answer"):
        line_of(piece)


def test_none_is_no_answer():
    assert "the function returned None" in str(refuse(None))
    assert "int 3" in str(refuse(3))


@pytest.mark.parametrize(
    "error, line",
    [
        (ValueError("no"), {"error": "no", "type": "ValueError"}),
        (ValueError(), {"error": "ValueError()", "type": "ValueError"}),
        (SDKError("slow", status_code=429), {"error": "slow", "type": "SDKError", "status": 429}),
        (SDKError("slow", status=503), {"error": "slow", "type": "SDKError", "status": 503}),
        (SDKError("slow", response=Response()), {"error": "slow", "type": "SDKError", "status": 429}),
        (SDKError("x", status="bad", status_code=True), {"error": "x", "type": "SDKError"}),
        (SDKError("key sk-1 here"), {"error": "key [key] here", "type": "SDKError"}),
        (ValueError("x" * 5000), {"error": "x" * 2000, "type": "ValueError"}),
    ],
)
def test_an_error(error, line):
    assert error_line(error, ["sk-1"]) == line


@pytest.mark.parametrize(
    "time, text",
    [(30, "30s"), (0.5, "0.5s"), (1e-5, "0.00001s"), ("5m1s", "5m1s"), (datetime.timedelta(minutes=2), "120s"), (3600.25, "3600.25s")],
)
def test_a_time(time, text):
    assert text_of(time) == text


@pytest.mark.parametrize("time", [0, -1, float("inf"), float("nan")])
def test_no_time(time):
    with pytest.raises(ValueError, match="above 0"):
        text_of(time)


@pytest.mark.parametrize("time", [True, None, [1]])
def test_no_time_at_all(time):
    with pytest.raises(TypeError, match="is no time"):
        text_of(time)
