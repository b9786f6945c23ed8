"""Engines for the tests: small ones over the standard library, and those of docs/PYTHON.md over openai-python."""

import importlib.util
import json
import urllib.request
from pathlib import Path

EXAMPLES = Path(__file__).parent.parent / "examples"


def example(colour):
    """Returns the function ask of an example, red or green."""
    spec = importlib.util.spec_from_file_location(f"{colour}_ask", EXAMPLES / colour / "ask.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module.ask


def stream(upstream, prompt):
    """Yields the pieces of a provider's answer. Raises what urllib raises, and EOFError if it breaks off."""
    body = {"model": upstream.model, "stream": True, "messages": [{"role": "user", "content": prompt}]}
    headers = {"Authorization": f"Bearer {upstream.key}", "Content-Type": "application/json"}
    request = urllib.request.Request(upstream.base_url + "/chat/completions", json.dumps(body).encode(), headers)
    with urllib.request.urlopen(request, timeout=30) as response:
        for line in response:
            if line.strip() == b"data: [DONE]":
                return
            if line.startswith(b"data: {"):
                for choice in json.loads(line[6:]).get("choices", ()):
                    yield choice["delta"].get("content")
    raise EOFError("the stream ended early")


def fallback(lab, between=None):
    """Yields the pieces of the primary and, after an error, of the secondary; and before those `between`, if it is given."""
    first, second = lab.upstreams
    try:
        yield from stream(first, lab.prompt)
    except (OSError, EOFError):
        if between is not None:
            yield between
        yield from stream(second, lab.prompt)


def text(pieces):
    """Joins pieces."""
    return "".join(piece or "" for piece in pieces)


def stubborn(lab):
    """Asks the primary for ever, whatever happens."""
    while True:
        try:
            return text(stream(lab.upstreams[0], lab.prompt))
        except Exception:  # noqa: S112 - the mistake that this engine is about
            import time

            time.sleep(0.5)
