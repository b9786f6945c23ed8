"""A worker for LangChain: a chat model per provider, the first with_fallbacks to the others."""

import os
from importlib.metadata import version

import chaosrun_worker as cw
from langchain_anthropic import ChatAnthropic
from langchain_openai import ChatOpenAI


def settings(protocol):
    """The model's keyword arguments that are not left at their defaults."""
    kinds = {"timeout": float, "max_retries": int}
    if protocol == "openai-chat":
        kinds["stream_chunk_timeout"] = float
    given = {name: os.environ.get("LANGCHAIN_" + name.upper(), "default") for name in kinds}
    return {name: kinds[name](value) for name, value in given.items() if value != "default"}


def chat(up, tools):
    """The chat model of one provider."""
    kinds = {"openai-chat": ChatOpenAI, "anthropic-messages": ChatAnthropic}
    model = kinds[up.protocol](model=up.model, base_url=up.base_url, api_key=up.key, **settings(up.protocol))
    return model.bind_tools(tools) if tools else model


def pieces(chunk):
    """What a caller sees of one chunk, or of a whole answer."""
    for block in chunk.content if isinstance(chunk.content, list) else []:
        if isinstance(block, dict) and block.get("type") == "thinking" and block.get("thinking"):
            yield cw.thinking(block["thinking"])
    if chunk.text:
        yield str(chunk.text)
    for tool in getattr(chunk, "tool_call_chunks", None) or []:
        yield cw.tool(index=tool.get("index") or 0, id=tool["id"], name=tool["name"], arguments=tool["args"])


class Summary:
    """Collects what the last line of a call says."""

    def __init__(self):
        self.finish = self.model = self.usage = None

    def add(self, chunk):
        told = chunk.response_metadata
        self.finish = told.get("finish_reason") or told.get("stop_reason") or self.finish
        self.model = told.get("model_name") or told.get("model") or self.model
        if chunk.usage_metadata:
            self.usage = {"input": chunk.usage_metadata["input_tokens"], "output": chunk.usage_metadata["output_tokens"]}

    def end(self):
        return cw.end(finish=self.finish, model=self.model, usage=self.usage)


def build(run):
    for up in run.upstreams:
        if up.protocol not in ("openai-chat", "anthropic-messages"):
            raise cw.Skip("not configured for " + up.protocol)
    chains = {}

    def chain(tools):
        if str(tools) not in chains:
            first, *rest = [chat(up, tools) for up in run.upstreams]
            chains[str(tools)] = first.with_fallbacks(rest) if rest else first
        return chains[str(tools)]

    chain(None)

    async def call(c):
        summary = Summary()
        if not c.stream:
            answer = await chain(c.tools).ainvoke(c.messages)
            summary.add(answer)
            for piece in pieces(answer):
                yield piece
        else:
            async for chunk in chain(c.tools).astream(c.messages):
                summary.add(chunk)
                for piece in pieces(chunk):
                    yield piece
        yield summary.end()

    return call


if __name__ == "__main__":
    cw.serve(build, engine="langchain-openai " + version("langchain-openai"))
