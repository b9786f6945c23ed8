"""What a lab raises. Only Failed says something about the engine under test."""

from __future__ import annotations

import unittest


class Failed(AssertionError):
    """An expectation failed. The message is the judge's: what was expected and measured, and the lanes."""


class Unknown(Exception):
    """The judge could not look, for the reason in the message: nothing is known, so nothing passed."""


class Skipped(unittest.SkipTest):
    """The scenario cannot be run this way, for the reason in the message. pytest and unittest skip the test."""


class Error(Exception):
    """The lab is used wrongly, or its process died. This says nothing about the engine under test."""


class Cut(BaseException):
    """Ends a call that has lasted too long and does not return by itself.

    It is no Exception, so that an engine that retries on every Exception does not catch it. `saw` and
    `asaw` catch it and the lab's next assertion fails; elsewhere it ends the test.
    """


for _error in (Failed, Unknown, Skipped, Error, Cut):
    _error.__module__ = "chaosrun"  # the name that users import, and pytest prints
del _error
