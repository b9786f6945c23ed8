"""A worker whose answers are picked by the prompt. The tests hold conversations with it."""

import asyncio
import os
import subprocess
import sys

import chaosrun_worker as cw


class TooMany(Exception):
    status_code = 429

    class response:  # noqa: N801
        headers = {"retry-after": "7"}


def build(run):
    if run.scenario == "no-gemini":
        raise cw.Skip("no Gemini")
    if run.scenario == "broken":
        raise RuntimeError(f"cannot build with {run.upstreams[0].key}")
    first = run.upstream("primary")

    async def speak(c):
        if c.prompt == "print":
            print("a stray print")
            os.write(1, b'{"call": 1, "text": "a stray line"}\n')
            subprocess.run([sys.executable, "-c", "print('a child prints')"], check=True)
            yield str(sys.stdin.readline() == "")
        elif c.prompt == "pieces":
            yield cw.thinking("hm")
            yield "hel"
            yield ""
            yield "lo"
            yield cw.restart()
            yield cw.tool(index=0, id="t1", name="look", arguments="{")
            yield cw.tool(index=0, arguments="}")
            yield cw.end(finish="stop", model=first.model, usage={"input": 3, "output": 5})
        elif c.prompt == "too many":
            raise TooMany(f"slow down, {first.key}")
        elif c.prompt == "long":
            raise ValueError("x" * 100_000)
        elif c.prompt == "garbage":
            yield 7
        elif c.prompt == "hang":
            yield "one"
            await asyncio.sleep(3600)
        elif c.prompt == "told":
            yield f"{c.stream} {c.restarts} {c.context_tokens} {c.deadline_s} {len(c.messages)} {c.messages[-1]['content']} {run.seed}"

    def plain(c):
        if c.prompt == "plain hang":
            yield "one"
            os.read(blocks, 1)  # for ever
        elif c.prompt == "exit":
            sys.exit(3)
        else:
            yield "plain "
            yield "hello"

    def call(c):
        if c.prompt == "text":
            return "the whole text"
        if c.prompt == "async after all":
            return speak(cw.Call({"prompt": "told"}))
        return plain(c)

    async def late(c):
        await asyncio.sleep(0)
        return "late text"

    blocks, _ = os.pipe()
    return {"plain": call, "late": late}.get(run.scenario, speak)


cw.serve(build, engine="talker 1.2.3")
