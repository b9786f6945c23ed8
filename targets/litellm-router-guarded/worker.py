"""The worker of litellm-router, with a guard around the stream: the workaround.

The Router's timers count whatever arrives, and a heartbeat is something. The guard counts content:
no content for GUARD_PATIENCE seconds, and the same call goes to the next model.
"""

import asyncio
import os

import chaosrun_worker as cw
from router import ENGINE, Summary, build_router, extras, pieces

PATIENCE = float(os.environ.get("GUARD_PATIENCE", "10"))


async def guarded(stream, patience):
    """Yields the stream's chunks. TimeoutError if no content comes for that many seconds."""
    clock = asyncio.get_running_loop().time
    patient_until = clock() + patience
    chunks = aiter(stream)
    while True:
        try:
            chunk = await asyncio.wait_for(anext(chunks), patient_until - clock())
        except StopAsyncIteration:
            return
        if any(True for _ in pieces(chunk)):
            patient_until = clock() + patience
        yield chunk


def build(run):
    router = build_router(run.upstreams)
    names = [up.name for up in run.upstreams]

    async def call(c):
        delivered = False
        for n, name in enumerate(names):
            summary, stream = Summary(), None
            try:
                asking = router.acompletion(model=name, messages=c.messages, stream=True, **extras(c))
                stream = await asyncio.wait_for(asking, PATIENCE)
                async for chunk in guarded(stream, PATIENCE):
                    summary.add(chunk)
                    for piece in pieces(chunk):
                        delivered = True
                        yield piece
                yield summary.end()
                return
            except Exception:
                if n + 1 == len(names) or delivered and not c.restarts:
                    raise
            finally:
                if stream is not None:
                    await stream.aclose()
            if delivered:
                yield cw.restart()
                delivered = False

    return call


if __name__ == "__main__":
    cw.serve(build, engine=ENGINE)
