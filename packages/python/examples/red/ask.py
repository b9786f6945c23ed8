"""The primary, and on any error the secondary."""
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
                return "".join([text async for text in contents(stream)])
        except Exception as error:
            last = error
    raise last


async def contents(stream):
    async for chunk in stream:
        if chunk.choices and chunk.choices[0].delta.content:
            yield chunk.choices[0].delta.content
