"""LiteLLM's Router with one deployment per provider and a fallback to the next one, for both workers.

Settings come as environment variables, in seconds; the word default leaves LiteLLM's own.
"""

import os
from importlib.metadata import version

import chaosrun_worker as cw
import litellm

ENGINE = "litellm " + version("litellm")
PREFIXES = {"openai-chat": "openai/", "anthropic-messages": "anthropic/"}


def settings():
    """The keyword arguments of the Router that are not left at their defaults."""
    kinds = {"timeout": float, "stream_timeout": float, "num_retries": int}
    given = {name: os.environ.get("ROUTER_" + name.upper(), "default") for name in kinds}
    return {name: kinds[name](value) for name, value in given.items() if value != "default"}


def build_router(upstreams):
    """A Router whose model names are the providers' names."""
    models = []
    for up in upstreams:
        if up.protocol not in PREFIXES:
            raise cw.Skip("not configured for " + up.protocol)
        base = up.url if up.protocol == "anthropic-messages" else up.base_url
        params = {"model": PREFIXES[up.protocol] + up.model, "api_base": base, "api_key": up.key}
        models.append({"model_name": up.name, "litellm_params": params})
    first, *rest = [up.name for up in upstreams]
    fallbacks = [{first: rest}] if rest else []
    return litellm.Router(model_list=models, fallbacks=fallbacks, **settings())


def extras(call):
    """The arguments of acompletion beside the model and the messages."""
    return {"tools": call.tools} if call.tools else {}


def pieces(chunk):
    """What a caller sees of one chunk, or of a whole answer."""
    for choice in chunk.choices[:1]:
        part = getattr(choice, "delta", None) or getattr(choice, "message", None)
        if getattr(part, "reasoning_content", None):
            yield cw.thinking(part.reasoning_content)
        if getattr(part, "content", None):
            yield part.content
        for n, tool in enumerate(getattr(part, "tool_calls", None) or []):
            yield cw.tool(index=getattr(tool, "index", None) or n, id=tool.id, name=tool.function.name,
                          arguments=tool.function.arguments)


class Summary:
    """Collects what the last line of a call says."""

    def __init__(self):
        self.finish = self.model = self.usage = None

    def add(self, chunk):
        self.model = chunk.model or self.model
        for choice in chunk.choices[:1]:
            self.finish = choice.finish_reason or self.finish
        usage = getattr(chunk, "usage", None)
        if usage:
            self.usage = {"input": usage.prompt_tokens, "output": usage.completion_tokens}

    def end(self):
        return cw.end(finish=self.finish, model=self.model, usage=self.usage)
