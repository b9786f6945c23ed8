"""A worker for LiteLLM's Router."""

import chaosrun_worker as cw
from router import ENGINE, Summary, build_router, extras, pieces


def build(run):
    router = build_router(run.upstreams)
    first = run.upstreams[0].name

    async def call(c):
        summary = Summary()
        answer = await router.acompletion(model=first, messages=c.messages, stream=c.stream, **extras(c))
        if not c.stream:
            summary.add(answer)
            for piece in pieces(answer):
                yield piece
        else:
            async for chunk in answer:
                summary.add(chunk)
                for piece in pieces(chunk):
                    yield piece
        yield summary.end()

    return call


if __name__ == "__main__":
    cw.serve(build, engine=ENGINE)
