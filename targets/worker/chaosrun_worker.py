"""chaosrun_worker lets chaosrun test a Python engine: one file, no dependencies, Python 3.9 or newer.

    import chaosrun_worker as cw

    def build(run):                    # once per run; may be async
        first, second = run.upstreams  # .name .protocol .url .base_url .key .model
        engine = ...                   # the engine under test, told about both

        async def call(c):             # once per call: .prompt .messages .tools .stream ...
            async for piece in engine.stream(c.messages):
                yield piece
        return call

    cw.serve(build, engine="my-router 1.2.3")

chaosrun starts the script and speaks with it in JSON lines over standard input and output.
docs/WRITING_A_WORKER.md has the whole protocol.
"""

import asyncio
import inspect
import json
import os
import signal
import sys
import threading
import traceback

__all__ = ["Call", "Run", "Skip", "Upstream", "end", "restart", "serve", "thinking", "tool"]

# _MOST bounds the text of an error, in characters.
_MOST = 2000


class Skip(Exception):
    """Raised by build if the engine cannot run the scenario: the run is skipped with the reason."""


class Upstream:
    """A provider: name, protocol, url (its root), base_url (what the vendor's SDK wants), key, model."""

    def __init__(self, fields):
        self.name = fields.get("name", "")
        self.protocol = fields.get("protocol", "")
        self.url = fields.get("url", "")
        self.base_url = fields.get("base_url", "")
        self.key = fields.get("key", "")
        self.model = fields.get("model", "")


class Run:
    """A run: upstreams (the primary first, then its fallbacks), scenario, seed, and at_once, the most calls at once."""

    def __init__(self, fields):
        self.scenario = fields.get("scenario", "")
        self.seed = fields.get("seed", 0)
        self.at_once = fields.get("at_once", 1)
        self.upstreams = [Upstream(u) for u in fields.get("upstreams") or []]

    def upstream(self, name):
        """Returns the provider with that name."""
        for u in self.upstreams:
            if u.name == name:
                return u
        raise KeyError(f"the run has no upstream {name!r}, it has {', '.join(u.name for u in self.upstreams)}")


class Call:
    """What the engine's caller asks for.

    messages has OpenAI's shape and is never empty; prompt is the text of its last message. tools has
    OpenAI's shape or is None. context_tokens is the declared size of the conversation, or 0, and
    context_window that of the model.
    deadline_s is the caller's own deadline, or None. restarts says that the caller understands
    restart(). cancelled turns True when the caller has gone away.
    """

    def __init__(self, fields):
        self.prompt = fields.get("prompt") or ""
        self.messages = fields.get("messages") or [{"role": "user", "content": self.prompt}]
        if not self.prompt and isinstance(self.messages[-1].get("content"), str):
            self.prompt = self.messages[-1]["content"]
        self.tools = fields.get("tools") or None
        self.stream = bool(fields.get("stream"))
        self.context_tokens = fields.get("context_tokens") or 0
        self.context_window = fields.get("context_window") or 0
        self.deadline_s = fields.get("deadline_s")
        self.restarts = bool(fields.get("restarts"))
        self.cancelled = False


class _Line(dict):
    """A line of an answer."""


def thinking(text):
    """Returns a piece of reasoning."""
    return _Line(thinking=text)


def tool(index=0, id=None, name=None, arguments=None):  # noqa: A002
    """Returns a piece of a tool call: its name, or a part of its arguments, a JSON text."""
    return _Line(tool={k: v for k, v in {"index": index, "id": id, "name": name, "arguments": arguments}.items() if v is not None})


def restart():
    """Returns the marker after which the answer begins anew: the caller forgets all that came before it."""
    return _Line(restart=True)


def end(finish=None, model=None, usage=None):
    """Returns the end of an answer: its finish reason, the model's name and the tokens, {"input": 3, "output": 5}."""
    return _Line({k: v for k, v in {"end": True, "finish": finish, "model": model, "usage": usage}.items() if v is not None})


def serve(build, engine=""):
    """Answers chaosrun until standard input closes, and then ends the process.

    build(run) returns the function that makes one call, and is called before a run's first call. That
    function is an async or a plain generator of pieces of text, or a function that returns the text.
    An exception from it is the error that the engine's caller gets.
    """
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # chaosrun decides when a worker ends
    code = 0
    try:
        asyncio.run(_Server(build, engine).serve())
    except BaseException:
        traceback.print_exc()
        code = 1
    sys.stderr.flush()
    os._exit(code)  # whatever threads the engine has left


class _Server:
    def __init__(self, build, engine):
        self.build, self.engine = build, engine
        self.call = None  # the function that build returned
        self.answers = {}  # the answers under way, by number
        self.keys = []  # not to be repeated in errors
        self.lock = threading.Lock()
        # The protocol keeps a copy of each descriptor, so that whatever prints or reads cannot break it.
        self.input = os.fdopen(os.dup(0), "rb")
        self.output = os.fdopen(os.dup(1), "wb")
        null = os.open(os.devnull, os.O_RDONLY)
        os.dup2(null, 0)
        os.close(null)
        sys.stdout.flush()
        os.dup2(2, 1)

    async def serve(self):
        self.loop = asyncio.get_running_loop()
        lines = asyncio.Queue()

        def read():
            for line in self.input:
                self.loop.call_soon_threadsafe(lines.put_nowait, line)
            self.loop.call_soon_threadsafe(lines.put_nowait, None)

        threading.Thread(target=read, daemon=True).start()
        while True:
            line = await lines.get()
            if line is None:
                return
            if line.strip():
                await self.take(json.loads(line))

    async def take(self, line):
        if line.get("v") != 1:
            raise ValueError(f"chaosrun speaks version {line.get('v')!r} of the worker protocol, this file version 1")
        if "run" in line:
            before = list(self.answers.values())
            for answer in before:
                answer.cancel()
            tasks = [answer.task for answer in before if answer.task]
            if tasks:
                await asyncio.wait(tasks, timeout=1)
            answer = await self.start(Run(line["run"]))
            if answer.get("run") and line["run"].get("at_once"):
                answer["overlap"] = True
            self.write(answer)
        elif "call" in line:
            answer = self.answers[line["call"]] = _Answer(self, line["call"], Call(line))
            answer.begin()
        elif line.get("cancel") in self.answers:
            self.answers[line["cancel"]].cancel()

    async def start(self, run):
        self.call = None
        self.keys = [u.key for u in run.upstreams if u.key]
        try:
            call = self.build(run)
            self.call = await call if inspect.isawaitable(call) else call
            if not callable(self.call):
                raise TypeError(f"build returned {self.call!r}, not the function that makes a call")
        except Skip as e:
            return {"skip": str(e) or "the engine cannot run this scenario"}
        except Exception as e:
            traceback.print_exc()
            return self.error(e)
        return {"run": True, "engine": self.engine} if self.engine else {"run": True}

    def write(self, line):
        data = json.dumps(line, separators=(",", ":")).encode() + b"\n"
        with self.lock:
            self.output.write(data)
            self.output.flush()

    def error(self, e):
        text = str(e) or type(e).__name__
        for key in self.keys:
            text = text.replace(key, "[key]")
        line = {"error": text[:_MOST], "type": type(e).__name__}
        status = next((s for s in (getattr(e, "status_code", None), getattr(e, "status", None)) if isinstance(s, int)), None)
        if status is not None:
            line["status"] = int(status)
        after = _retry_after(e)
        if after is not None:
            line["retry_after_s"] = after
        return line


def _retry_after(e):
    """Returns the seconds that an error asks to wait: its own, or those of its response."""
    headers = getattr(getattr(e, "response", None), "headers", None) or {}
    for value, unit in ((getattr(e, "retry_after", None), 1), (headers.get("retry-after-ms"), 1000), (headers.get("retry-after"), 1)):
        try:
            seconds = float(value) / unit
        except (TypeError, ValueError):
            continue
        if 0 <= seconds < float("inf"):
            return seconds
    return None


class _Answer:
    """One call under way. It ends once, with an end or an error."""

    def __init__(self, server, number, call):
        self.server, self.number, self.call = server, number, call
        self.lock = threading.Lock()
        self.over = False
        self.task = None

    def begin(self):
        function = self.server.call
        if function is None:
            self.fail(RuntimeError("got a call before a run that could be built"))
        elif _is_async(function):
            self.run(function)
        else:
            threading.Thread(target=self.block, args=(function,), daemon=True).start()

    def run(self, function):
        self.task = self.server.loop.create_task(self.follow(function))
        self.task.add_done_callback(lambda _: self.fail(Exception("cancelled")))  # cancelled before it began

    def cancel(self):
        """Aborts the call. A function that blocks cannot be aborted: its answer is given up."""
        self.call.cancelled = True
        if self.task is None:
            self.fail(Exception("cancelled"))
        else:
            self.task.cancel()

    async def follow(self, function):
        """Gives what an async function yields or returns."""
        pieces = None
        try:
            pieces = function(self.call)
            if inspect.isawaitable(pieces):
                pieces = await pieces
            if hasattr(pieces, "__aiter__"):
                async for piece in pieces:
                    self.give(piece)
            else:
                self.give_all(pieces)
            self.finish()
        except asyncio.CancelledError:
            self.fail(Exception("cancelled"))
        except Exception as e:
            self.fail(e)

    def block(self, function):
        """Gives what a plain function yields or returns, on a thread of its own."""
        try:
            pieces = function(self.call)
            if inspect.isawaitable(pieces) or hasattr(pieces, "__aiter__"):
                self.server.loop.call_soon_threadsafe(self.turn, pieces)
                return
            self.give_all(pieces)
            self.finish()
        except BaseException as e:  # SystemExit ends a thread without a word
            self.fail(e)

    def turn(self, pieces):
        """Follows what a plain function returned after all: a coroutine or an async generator."""
        self.run(lambda _: pieces)
        if self.call.cancelled:
            self.task.cancel()

    def give_all(self, pieces):
        if pieces is None:
            return
        if isinstance(pieces, (str, dict)):
            pieces = [pieces]
        for piece in pieces:
            self.give(piece)
            if self.call.cancelled:
                getattr(pieces, "close", lambda: None)()
                return

    def give(self, piece):
        if isinstance(piece, str):
            if piece:
                self.write({"text": piece})
        elif isinstance(piece, _Line):
            self.write(piece)
        elif piece is not None:
            raise TypeError(f"a piece of an answer is a str or comes from this module, not {type(piece).__name__}")

    def finish(self):
        if self.call.cancelled:
            self.fail(Exception("cancelled"))
        self.write(end())

    def fail(self, e):
        line = self.server.error(e)
        if self.call.cancelled:
            line["type"] = "Cancelled"
        self.write(line)

    def write(self, line):
        with self.lock:
            if self.over:
                return
            self.over = "end" in line or "error" in line
            if self.over:
                self.server.answers.pop(self.number, None)
            self.server.write({"call": self.number, **line})


def _is_async(function):
    for f in (function, getattr(function, "func", None), getattr(function, "__call__", None)):
        if inspect.isasyncgenfunction(f) or inspect.iscoroutinefunction(f):
            return True
    return False
