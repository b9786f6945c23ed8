"""A worker for TensorZero: the gateway, which is Rust, embedded by its Python client, with one model provider per provider."""

import json
import os
import tempfile
from importlib.metadata import version

import chaosrun_worker as cw
from tensorzero import AsyncTensorZeroGateway

KINDS = {"openai-chat": "openai", "anthropic-messages": "anthropic"}


def setting(name):
    """A setting, None if it is left at its default."""
    value = os.environ.get("TENSORZERO_" + name.upper(), "default")
    return None if value == "default" else int(value)


def config(upstreams):
    """The gateway's configuration file: one function with one model, routed to each provider in turn."""
    names = json.dumps([up.name for up in upstreams])
    lines = ["[gateway]", "observability.enabled = false # no database", "[models.chain]", "routing = " + names]
    for up in upstreams:
        at = "models.chain.providers." + up.name
        base = "api_base = " + json.dumps(up.url + "/v1/" if up.protocol == "anthropic-messages" else up.base_url)
        lines += [f"[{at}]", f'type = "{KINDS[up.protocol]}"', base, "model_name = " + json.dumps(up.model), f'api_key_location = "env::{key(up)}"']
        if setting("timeout_ms"):
            lines += [f"[{at}.timeouts]", f"non_streaming.total_ms = {setting('timeout_ms')}", f"streaming.ttft_ms = {setting('ttft_ms')}"]
        if setting("total_ms"):
            lines += [f"streaming.total_ms = {setting('total_ms')}"]
    lines += ["[functions.ask]", 'type = "chat"', "[functions.ask.variants.only]", 'type = "chat_completion"', 'model = "chain"']
    if any(up.protocol == "anthropic-messages" for up in upstreams):
        lines += ["max_tokens = 1024"]
    if setting("num_retries"):
        lines += [f"retries = {{ num_retries = {setting('num_retries')}, max_delay_s = 10 }}"]
    return "\n".join(lines) + "\n"


def key(up):
    return "KEY_" + up.name.upper().replace("-", "_")


def question(c):
    """The input of a call, whose messages have OpenAI's shape."""
    system = "\n".join(m["content"] for m in c.messages if m["role"] == "system")
    asked = {"messages": [{"role": m["role"], "content": m["content"]} for m in c.messages if m["role"] != "system"]}
    return {**asked, "system": system} if system else asked


def tools(c):
    """The tools of a call in TensorZero's shape."""
    functions = [t["function"] for t in c.tools or []]
    known = [{"name": f["name"], "description": f.get("description", ""), "parameters": f.get("parameters", {"type": "object"})} for f in functions]
    return {"additional_tools": known} if known else {}


def pieces(blocks, index):
    """What a caller sees of a chunk or of a whole answer. index numbers the tool calls by their ids."""
    for block in blocks:
        if block.type == "text" and block.text:
            yield block.text
        elif block.type == "thought" and block.text:
            yield cw.thinking(block.text)
        elif block.type == "tool_call":
            number = index.setdefault(block.id, len(index))
            yield cw.tool(index=number, id=block.id, name=block.raw_name or None, arguments=block.raw_arguments)


async def build(run):
    for up in run.upstreams:
        if up.protocol not in KINDS:
            raise cw.Skip("not configured for " + up.protocol)
        os.environ[key(up)] = up.key
    with tempfile.NamedTemporaryFile("w", suffix=".toml") as file:
        file.write(config(run.upstreams))
        file.flush()
        gateway = await AsyncTensorZeroGateway.build_embedded(config_file=file.name)

    async def call(c):
        finish, usage, index = None, None, {}
        answer = await gateway.inference(function_name="ask", input=question(c), stream=c.stream, **tools(c))
        if not c.stream:
            for piece in pieces(answer.content, index):
                yield piece
            yield cw.end(finish=answer.finish_reason and answer.finish_reason.value)
            return
        async for chunk in answer:
            for piece in pieces(chunk.content, index):
                yield piece
            finish = chunk.finish_reason or finish
            usage = chunk.usage or usage
        told = {"input": usage.input_tokens, "output": usage.output_tokens} if usage and usage.input_tokens is not None else None
        yield cw.end(finish=getattr(finish, "value", finish), usage=told)

    return call


if __name__ == "__main__":
    cw.serve(build, engine="tensorzero " + version("tensorzero"))
