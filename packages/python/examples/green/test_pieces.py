import asyncio

from ask import contents
from openai import AsyncOpenAI


async def stream(prompt, env):
    async with AsyncOpenAI(base_url=env["PRIMARY_BASE_URL"], api_key=env["PRIMARY_API_KEY"]) as client:
        chunks = await client.chat.completions.create(model="gpt-4o", messages=[{"role": "user", "content": prompt}], stream=True)
        async for text in contents(chunks):
            yield text


def test_pieces_as_they_come(chaosrun):
    lab = chaosrun("healthy", protocol="openai-chat")
    asyncio.run(lab.asaw(stream(lab.prompt, lab.env)))
    lab.assert_stayed()
