"""A worker for the control row of Anthropic's wire: the bare SDK, and the loop that most people write around it."""

import os

import anthropic
import chaosrun_worker as cw

MOST = 1024  # tokens of an answer, which this wire wants to be told


def settings():
    """The client's keyword arguments that are not left at their defaults."""
    kinds = {"timeout": float, "max_retries": int}
    given = {name: os.environ.get("ANTHROPIC_" + name.upper(), "default") for name in kinds}
    return {name: kinds[name](value) for name, value in given.items() if value != "default"}


def question(c):
    """The arguments of a call, whose messages and tools have OpenAI's shape."""
    system = "\n".join(m["content"] for m in c.messages if m["role"] == "system")
    asked = {"messages": [m for m in c.messages if m["role"] != "system"], "max_tokens": MOST}
    if system:
        asked["system"] = system
    if c.tools:
        functions = [t["function"] for t in c.tools]
        asked["tools"] = [{"name": f["name"], "description": f.get("description", ""), "input_schema": f.get("parameters", {"type": "object"})}
                          for f in functions]
    return asked


def pieces(event):
    """What a caller sees of one event."""
    if event.type == "content_block_start" and event.content_block.type == "tool_use":
        yield cw.tool(index=event.index, id=event.content_block.id, name=event.content_block.name)
    if event.type == "content_block_delta":
        delta = event.delta
        if delta.type == "text_delta" and delta.text:
            yield delta.text
        elif delta.type == "thinking_delta":
            yield cw.thinking(delta.thinking)
        elif delta.type == "input_json_delta":
            yield cw.tool(index=event.index, arguments=delta.partial_json)


def build(run):
    for up in run.upstreams:
        if up.protocol != "anthropic-messages":
            raise cw.Skip("the SDK does not speak " + up.protocol)
    clients = [(anthropic.AsyncAnthropic(base_url=up.base_url, api_key=up.key, **settings()), up.model) for up in run.upstreams]

    async def ask(client, model, c):
        answer = await client.messages.create(model=model, stream=c.stream, **question(c))
        if not c.stream:
            yield "".join(block.text for block in answer.content if block.type == "text")
            yield cw.end(finish=answer.stop_reason, model=answer.model)
            return
        finish = None
        async for event in answer:
            if event.type == "message_start":
                model = event.message.model
            elif event.type == "message_delta":
                finish = event.delta.stop_reason or finish
            for piece in pieces(event):
                yield piece
        yield cw.end(finish=finish, model=model)

    async def call(c):
        for n, (client, model) in enumerate(clients):
            try:
                async for piece in ask(client, model, c):
                    yield piece
                return
            except Exception:
                if n + 1 == len(clients):
                    raise

    return call


if __name__ == "__main__":
    cw.serve(build, engine="anthropic-sdk-python " + anthropic.__version__)
