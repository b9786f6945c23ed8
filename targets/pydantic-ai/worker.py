"""A worker for Pydantic AI: an Agent over a FallbackModel with one model per provider."""

import os
from importlib.metadata import version

import anthropic
import chaosrun_worker as cw
import openai
from pydantic_ai import Agent
from pydantic_ai.direct import model_request_stream
from pydantic_ai.messages import (ModelRequest, ModelResponse, PartDeltaEvent, PartStartEvent, SystemPromptPart, TextPart, TextPartDelta,
                                  ToolCallPart, ToolCallPartDelta, UserPromptPart)
from pydantic_ai.models import ModelRequestParameters
from pydantic_ai.models.anthropic import AnthropicModel
from pydantic_ai.models.fallback import FallbackModel
from pydantic_ai.models.openai import OpenAIChatModel
from pydantic_ai.providers.anthropic import AnthropicProvider
from pydantic_ai.providers.openai import OpenAIProvider
from pydantic_ai.settings import ModelSettings
from pydantic_ai.tools import ToolDefinition


def settings(*names):
    """Settings that are not left at their defaults."""
    given = {name: os.environ.get("PYDANTIC_AI_" + name.upper(), "default") for name in names}
    return {name: float(value) for name, value in given.items() if value != "default"}


def model(up):
    """The model of one provider. Retries are the SDK's, so the client is built here if they are set."""
    timers = ModelSettings(**settings("timeout", "first_event_timeout", "request_timeout"))
    retries = {name: int(value) for name, value in settings("max_retries").items()}
    if up.protocol == "anthropic-messages":
        known = {"anthropic_client": anthropic.AsyncAnthropic(base_url=up.base_url, api_key=up.key, **retries)} if retries else {
            "base_url": up.base_url, "api_key": up.key}
        return AnthropicModel(up.model, provider=AnthropicProvider(**known), settings=timers)
    known = {"openai_client": openai.AsyncOpenAI(base_url=up.base_url, api_key=up.key, **retries)} if retries else {
        "base_url": up.base_url, "api_key": up.key}
    return OpenAIChatModel(up.model, provider=OpenAIProvider(**known), settings=timers)


def message(m):
    """A message in Pydantic AI's shape."""
    if m["role"] == "assistant":
        return ModelResponse(parts=[TextPart(content=m.get("content") or "")])
    part = SystemPromptPart if m["role"] == "system" else UserPromptPart
    return ModelRequest(parts=[part(content=m.get("content") or "")])


async def with_tools(chain, c):
    """A call with tools. An agent runs its tools itself, so the same model is asked without one."""
    known = [ToolDefinition(name=f["name"], description=f.get("description"), parameters_json_schema=f.get("parameters", {"type": "object"}))
             for f in (t["function"] for t in c.tools)]
    async with model_request_stream(chain, [message(m) for m in c.messages],
                                    model_request_parameters=ModelRequestParameters(function_tools=known)) as events:
        async for event in events:
            part = getattr(event, "part", None) if isinstance(event, PartStartEvent) else getattr(event, "delta", None)
            if isinstance(part, TextPart):
                yield part.content
            elif isinstance(part, TextPartDelta):
                yield part.content_delta
            elif isinstance(part, ToolCallPart):
                yield cw.tool(index=event.index, id=part.tool_call_id, name=part.tool_name, arguments=part.args_as_json_str() if part.args else None)
            elif isinstance(event, PartDeltaEvent) and isinstance(part, ToolCallPartDelta):
                yield cw.tool(index=event.index, arguments=part.args_delta)
        yield cw.end(finish=events.get().finish_reason, model=events.get().model_name)


def build(run):
    for up in run.upstreams:
        if up.protocol not in ("openai-chat", "anthropic-messages"):
            raise cw.Skip("not configured for " + up.protocol)
    first, *rest = [model(up) for up in run.upstreams]
    chain = FallbackModel(first, *rest) if rest else first
    agent = Agent(chain)

    async def call(c):
        *before, last = c.messages
        history = [message(m) for m in before]
        if c.tools:
            async for piece in with_tools(chain, c):
                yield piece
            return
        if not c.stream:
            result = await agent.run(last["content"], message_history=history)
            yield result.output
            yield cw.end(finish=result.response.finish_reason, model=result.response.model_name)
            return
        async with agent.run_stream(last["content"], message_history=history) as result:
            async for piece in result.stream_text(delta=True, debounce_by=None):
                yield piece
            yield cw.end(finish=result.response.finish_reason, model=result.response.model_name)

    return call


if __name__ == "__main__":
    cw.serve(build, engine="pydantic-ai " + version("pydantic-ai-slim"))
