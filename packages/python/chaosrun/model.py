"""The data that a lab tells its test."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True)
class Upstream:
    """A provider of the scenario."""

    #: The name in the scenario, such as "primary".
    name: str
    #: What the provider speaks, such as "openai-chat".
    protocol: str
    #: The origin, without a path.
    url: str
    #: What the vendor's SDK wants as a base URL: with /v1 for OpenAI's, without for Anthropic's.
    base_url: str
    #: A key that the provider accepts, as it does any other. A request without one is refused.
    key: str
    #: A model that the provider accepts, as it does any other.
    model: str


@dataclass(frozen=True)
class Call:
    """A call that the scenario wants its test to make."""

    prompt: str
    #: The conversation in OpenAI's shape. Its last message is the prompt.
    messages: list[dict[str, Any]] = field(default_factory=list)
    #: Tools in OpenAI's shape.
    tools: list[dict[str, Any]] = field(default_factory=list)
    #: Whether the answer is to be streamed.
    stream: bool = True
    #: The pause before the call, in seconds, which `saw` makes before it calls a function.
    after: float = 0.0


@dataclass(frozen=True)
class Result:
    """The judgement of the scenario's own expectations."""

    #: "passed", "partial" (only advisory expectations failed), "failed", "unknown" or "skipped".
    verdict: str
    #: What the caller got, in a word: "answered", "failed", "hung", "truncated", "spliced", …
    outcome: str
    #: The run as it stands in a JSON report, chaosrun.report/v1.
    report: dict[str, Any]
    #: The verdict as people read it: expectations, lanes, and how to repeat it.
    text: str


def known(kind: type, fields: dict[str, Any]) -> dict[str, Any]:
    """Returns the fields that a dataclass has: a newer command may send more."""
    return {name: fields[name] for name in kind.__dataclass_fields__ if fields.get(name) is not None}  # type: ignore[attr-defined]
