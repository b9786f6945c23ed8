"""The pieces of an answer, and the errors in its place, as lines for `chaosrun fixture`."""

from __future__ import annotations

from typing import Any, Iterable, Optional

# The longest text of an error that is told, in characters.
_LONGEST_ERROR = 2000


class Piece(dict):
    """A piece of an answer that is not text. Engines yield it among pieces of text."""


def thinking(text: str) -> Piece:
    """Returns a piece of reasoning."""
    return Piece(thinking=text)


def tool(index: int = 0, id: Optional[str] = None, name: Optional[str] = None, arguments: Optional[str] = None) -> Piece:
    """Returns a piece of a tool call: its name, or a part of its arguments, a JSON text."""
    fields = {"index": index, "id": id, "name": name, "arguments": arguments}
    return Piece(tool={key: value for key, value in fields.items() if value is not None})


def restart() -> Piece:
    """Returns the marker after which the answer begins anew: the caller forgets what came before it."""
    return Piece(restart=True)


def line_of(piece: Any) -> Optional[dict[str, Any]]:
    """Returns a piece as a line without its call, or None if there is nothing to tell.

    Raises TypeError for what is no piece.
    """
    if piece is None or piece == "":
        return None
    if isinstance(piece, str):
        return {"text": piece}
    if isinstance(piece, Piece):
        return dict(piece)
    raise TypeError(
        f"saw: {_named(piece)} is no piece of an answer; a piece is a str, None, or chaosrun.thinking(…), tool(…) or restart()"
    )


def refuse(what: Any) -> TypeError:
    """Returns the error for something that is no answer."""
    if what is None:
        return TypeError("saw: the function returned None; return the text of the answer, '' if it is empty")
    return TypeError(f"saw: {_named(what)} is no answer; an answer is a str, an exception, an iterator of pieces, or a function that returns one")


def error_line(error: BaseException, keys: Iterable[str]) -> dict[str, Any]:
    """Returns an exception as a line: its text without the providers' keys, its type and its HTTP status."""
    text = str(error) or repr(error)
    for key in keys:
        text = text.replace(key, "[key]")
    line: dict[str, Any] = {"error": text[:_LONGEST_ERROR], "type": type(error).__name__}
    status = _status(error)
    if status is not None:
        line["status"] = status
    return line


def _status(error: BaseException) -> Optional[int]:
    """Returns the HTTP status that an exception of an SDK carries."""
    for carrier in (error, getattr(error, "response", None)):
        for name in ("status_code", "status"):
            value = getattr(carrier, name, None)
            if isinstance(value, int) and not isinstance(value, bool) and 100 <= value < 600:
                return value
    return None


def _named(value: Any) -> str:
    return f"{type(value).__name__} {value!r:.60}"
