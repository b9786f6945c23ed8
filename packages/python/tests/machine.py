"""What the machine that runs the tests can do."""

import os
import subprocess
import sys

import pytest

from chaosrun.binary import find


def _has_virtual_time():
    if os.environ.get("CHAOSRUN_VIRTUAL_TIME"):  # this is the process that lives in it
        return True
    if sys.platform != "linux":
        return False
    return subprocess.run([find(), "exec", "--quiet", "--", sys.executable, "-c", ""], capture_output=True).returncode == 0


#: Marks a test that needs virtual time.
virtual = pytest.mark.skipif(not _has_virtual_time(), reason="this machine has no virtual time: chaosrun doctor")
