import asyncio

import chaosrun_worker as cw
import openai


def build(run):
    providers = [(openai.AsyncOpenAI(base_url=u.base_url, api_key=u.key, timeout=2, max_retries=1), u.model) for u in run.upstreams]

    async def call(c):
        delivered = False
        for client, model in providers:
            try:
                chunks = aiter(await client.chat.completions.create(model=model, messages=c.messages, stream=True))
                if delivered:
                    yield cw.restart()
                while chunk := await asyncio.wait_for(anext(chunks, None), 2):  # heartbeats are no chunks
                    if chunk.choices and chunk.choices[0].delta.content:
                        delivered = True
                        yield chunk.choices[0].delta.content
                return
            except (openai.OpenAIError, TimeoutError, asyncio.TimeoutError) as e:
                problem = e
                if delivered and not c.restarts:
                    break
        raise problem

    return call


cw.serve(build, engine="openai " + openai.__version__)
