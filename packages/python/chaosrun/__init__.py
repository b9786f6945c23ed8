"""Fault injection for tests of LLM failover: providers that fail, and a judge of what the caller got.

    def test_falls_back(chaosrun):                          # the pytest fixture
        lab = chaosrun("heartbeat-only", protocol="openai-chat", within=30)
        lab.saw(lambda: ask(lab.prompt, lab.env))           # your engine's code
        lab.assert_fell_back()

A Lab is one run of one scenario. Its providers listen on 127.0.0.1, and `chaosrun fixture`, a process
of its own, plays and judges them. Without pytest a Lab is a context manager:

    with chaosrun.Lab("heartbeat-only", protocol="openai-chat", within=30) as lab:
        lab.saw(lambda: ask(lab.prompt, lab.env))
        lab.check()

docs/PYTHON.md in the repository begins at the beginning.
"""

from .errors import Cut, Error, Failed, Skipped, Unknown
from .lab import Lab
from .model import Call, Result, Upstream
from .pieces import Piece, restart, thinking, tool

__all__ = [
    "Call",
    "Cut",
    "Error",
    "Failed",
    "Lab",
    "Piece",
    "Result",
    "Skipped",
    "Unknown",
    "Upstream",
    "restart",
    "thinking",
    "tool",
]
