# Prints clocks and random numbers: all that a program of one thread sees of the world.
import random
import secrets
import subprocess
import time
import uuid

began = time.time_ns(), time.monotonic_ns()
for i in range(5):
    print(time.time_ns() - began[0], time.monotonic_ns() - began[1], random.random(), secrets.token_hex(8), uuid.uuid4(), hash(str(i)))
    time.sleep(random.random() * 100)
print(subprocess.run(["sh", "-c", "sleep 3; echo $PPID-$$ | wc -l"], capture_output=True, text=True).stdout, end="")
print({str(i) for i in range(10)}, time.time_ns() - began[0])
