import chaosrun_worker as cw
import openai


def build(run):
    providers = [(openai.AsyncOpenAI(base_url=u.base_url, api_key=u.key, timeout=2, max_retries=1), u.model) for u in run.upstreams]

    async def call(c):
        for client, model in providers:
            try:
                async for chunk in await client.chat.completions.create(model=model, messages=c.messages, stream=True):
                    if chunk.choices and chunk.choices[0].delta.content:
                        yield chunk.choices[0].delta.content
                return
            except openai.OpenAIError as e:
                problem = e
        raise problem

    return call


cw.serve(build, engine="openai " + openai.__version__)
