"""A worker for Haystack: a FallbackChatGenerator over one OpenAIChatGenerator per provider."""

import asyncio
import os
from importlib.metadata import version

import chaosrun_worker as cw
from haystack.components.generators.chat import FallbackChatGenerator, OpenAIChatGenerator
from haystack.dataclasses import ChatMessage
from haystack.utils import Secret


def settings():
    """The generator's keyword arguments that are not left at their defaults."""
    kinds = {"timeout": float, "max_retries": int}
    given = {name: os.environ.get("HAYSTACK_" + name.upper(), "default") for name in kinds}
    return {name: kinds[name](value) for name, value in given.items() if value != "default"}


def pieces(chunk):
    """What a caller sees of one chunk."""
    if chunk.reasoning is not None and chunk.reasoning.reasoning_text:
        yield cw.thinking(chunk.reasoning.reasoning_text)
    if chunk.content:
        yield chunk.content
    for tool in chunk.tool_calls or []:
        yield cw.tool(index=tool.index, id=tool.id, name=tool.tool_name, arguments=tool.arguments)


def build(run):
    for up in run.upstreams:
        if up.protocol != "openai-chat":
            raise cw.Skip("not configured for " + up.protocol)
    generators = [OpenAIChatGenerator(api_key=Secret.from_token(up.key), model=up.model, api_base_url=up.base_url, **settings())
                  for up in run.upstreams]
    engine = FallbackChatGenerator(generators)

    async def call(c):
        chunks = asyncio.Queue()

        async def told(chunk):
            chunks.put_nowait(chunk)

        async def ask():
            try:
                extras = {"generation_kwargs": {"tools": c.tools}} if c.tools else {}
                callback = {"streaming_callback": told} if c.stream else {}
                messages = [ChatMessage.from_openai_dict_format(m) for m in c.messages]
                return (await engine.run_async(messages=messages, **callback, **extras))["replies"][0]
            finally:
                chunks.put_nowait(None)

        asking = asyncio.create_task(ask())
        try:
            while (chunk := await chunks.get()) is not None:
                for piece in pieces(chunk):
                    yield piece
            reply = await asking
        finally:
            asking.cancel()
        if not c.stream:
            yield reply.text
        yield cw.end(finish=reply.meta.get("finish_reason"), model=reply.meta.get("model"))

    return call


if __name__ == "__main__":
    cw.serve(build, engine="haystack " + version("haystack-ai"))
