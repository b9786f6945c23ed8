"""A worker for the control row: the bare SDK, and the loop that most people write around it."""

import os

import chaosrun_worker as cw
import openai


def settings():
    """The client's keyword arguments that are not left at their defaults."""
    kinds = {"timeout": float, "max_retries": int}
    given = {name: os.environ.get("OPENAI_" + name.upper(), "default") for name in kinds}
    return {name: kinds[name](value) for name, value in given.items() if value != "default"}


def build(run):
    for up in run.upstreams:
        if up.protocol != "openai-chat":
            raise cw.Skip("the SDK does not speak " + up.protocol)
    clients = [(openai.AsyncOpenAI(base_url=up.base_url, api_key=up.key, **settings()), up.model) for up in run.upstreams]

    async def ask(client, model, c):
        finish = None
        extras = {"tools": c.tools} if c.tools else {}
        answer = await client.chat.completions.create(model=model, messages=c.messages, stream=c.stream, **extras)
        if not c.stream:
            yield answer.choices[0].message.content or ""
            yield cw.end(finish=answer.choices[0].finish_reason, model=answer.model)
            return
        async for chunk in answer:
            model = chunk.model
            for choice in chunk.choices[:1]:
                finish = choice.finish_reason or finish
                if choice.delta.content:
                    yield choice.delta.content
                for tool in choice.delta.tool_calls or []:
                    yield cw.tool(index=tool.index, id=tool.id, name=tool.function.name, arguments=tool.function.arguments)
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
    cw.serve(build, engine="openai-python " + openai.__version__)
