"""The primary, and on any error, or after 10 s without content, the secondary."""
import asyncio

from openai import AsyncOpenAI


def ask(prompt, env):
    return asyncio.run(answer(prompt, env))


async def answer(prompt, env):
    last = None
    for name in ("PRIMARY", "SECONDARY"):
        try:
            async with AsyncOpenAI(base_url=env[name + "_BASE_URL"], api_key=env[name + "_API_KEY"], timeout=30) as client:
                stream = await client.chat.completions.create(model="gpt-4o", messages=[{"role": "user", "content": prompt}], stream=True)
                return await in_time(contents(stream), 10)
        except Exception as error:
            last = error
    raise last


async def contents(stream):
    async for chunk in stream:
        if chunk.choices and chunk.choices[0].delta.content:
            yield chunk.choices[0].delta.content


async def in_time(texts, seconds):
    """Joins texts, each of which has so many seconds to come."""
    whole = ""
    while True:
        try:
            whole += await asyncio.wait_for(texts.__anext__(), seconds)
        except StopAsyncIteration:
            return whole
