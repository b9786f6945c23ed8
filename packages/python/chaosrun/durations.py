"""Times as the command writes them."""

from __future__ import annotations

import datetime
from typing import Union

#: A time: a number of seconds, a timedelta, or a text such as "30s" or "5m1s".
Duration = Union[int, float, str, datetime.timedelta]


def text_of(duration: Duration) -> str:
    """Returns a time as the command reads it: 30 as "30s". Raises ValueError for a time that is not above 0."""
    if isinstance(duration, str):
        return duration  # the command says what is wrong with it
    if isinstance(duration, datetime.timedelta):
        duration = duration.total_seconds()
    if isinstance(duration, bool) or not isinstance(duration, (int, float)):
        raise TypeError(f"{duration!r} is no time: write seconds, a timedelta, or a text such as '30s'")
    if not 0 < duration < float("inf"):
        raise ValueError(f"a time of {duration} s: it has to be above 0")
    return f"{duration:.9f}".rstrip("0").rstrip(".") + "s"
