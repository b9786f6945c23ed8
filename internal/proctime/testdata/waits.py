# Twelve kinds of wait of 50 s each, by Python's own clock: 600 s. Each prints a line of JSON.
import asyncio
import json
import queue
import select
import signal
import socket
import subprocess
import sys
import threading
import time

S = 50


def wait(name, do):
    began = time.monotonic_ns()
    said = do()
    print(json.dumps({"name": name, "took": time.monotonic_ns() - began, "said": str(said)}), flush=True)


def raises(do):
    try:
        do()
    except Exception as e:
        return type(e).__name__
    return "nothing"


def condition():
    c = threading.Condition()
    with c:
        return c.wait(S)


def timer():
    t = threading.Timer(S, lambda: None)
    t.start()
    t.join()


def alarm():
    signal.signal(signal.SIGALRM, lambda *_: None)
    signal.setitimer(signal.ITIMER_REAL, S)
    signal.pause()


async def never():
    await asyncio.wait_for(asyncio.Event().wait(), S)


def child():
    sleeper = subprocess.Popen([sys.executable, "-S", "-c", "import time; time.sleep(1000)"])
    try:
        return raises(lambda: sleeper.wait(S))
    finally:
        sleeper.kill()
        sleeper.wait()


here, there = socket.socketpair()
here.settimeout(S)
wait("time.sleep", lambda: time.sleep(S))
wait("Event.wait", lambda: threading.Event().wait(S))
wait("queue.get", lambda: raises(lambda: queue.Queue().get(timeout=S)))
wait("Condition.wait", condition)
wait("Timer", timer)
wait("asyncio.sleep", lambda: asyncio.run(asyncio.sleep(S)))
wait("asyncio.wait_for", lambda: raises(lambda: asyncio.run(never())))
wait("socket", lambda: raises(lambda: here.recv(1)))
wait("select", lambda: select.select([here], [], [], S))
wait("setitimer", alarm)
wait("subprocess.run", lambda: raises(lambda: subprocess.run(["sleep", "1000"], timeout=S)))
wait("subprocess.wait", child)
