"""The command chaosrun: where it is, and the script that runs it."""

import os
import shutil
import sys
from pathlib import Path


def find() -> str:
    """Returns the path of the command.

    It is CHAOSRUN_BINARY if that is set, else the one in this package, else the one on the PATH.
    Raises FileNotFoundError if there is none.
    """
    override = os.environ.get("CHAOSRUN_BINARY")
    if override:
        if not shutil.which(override):
            raise FileNotFoundError(f"CHAOSRUN_BINARY={override}: there is no such program")
        return override
    name = "chaosrun.exe" if os.name == "nt" else "chaosrun"
    packed = Path(__file__).parent / "bin" / name
    if packed.is_file():
        return str(packed)
    path = shutil.which("chaosrun")
    if path and not _is_script(path):
        return path
    raise FileNotFoundError(
        "this installation of the package chaosrun holds no binary: install the wheel for your platform, "
        "or build the command with Go (go build -o chaosrun ./cmd/chaosrun) and set CHAOSRUN_BINARY to its path"
    )


def _is_script(path: str) -> bool:
    """Reports whether a program is a script, such as the one of this package, and no binary."""
    with open(path, "rb") as file:
        return file.read(2) == b"#!"


def main() -> int:
    """Becomes the command, with the arguments of this process. On Windows it waits for the command instead."""
    try:
        path = find()
    except FileNotFoundError as error:
        print(f"chaosrun: {error}", file=sys.stderr)
        return 70
    if os.name != "nt":
        os.execv(path, [path, *sys.argv[1:]])
    import subprocess

    try:
        return subprocess.call([path, *sys.argv[1:]])
    except KeyboardInterrupt:  # the command has it too, and ends by itself
        return 130
