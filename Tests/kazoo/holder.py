"""Holds what one of kazoo's recipes grants with its defaults, for as long as its standard input is open.

Usage: holder.py HOST:PORT RECIPE PATH. Prints `held` when it has it, and for a queue or a party what it sees.
"""

import sys
import threading

from kazoo.client import KazooClient

hosts, recipe, path = sys.argv[1:]
client = KazooClient(hosts=hosts)
client.start(timeout=20)


def hold():
    print("held", flush=True)
    sys.stdin.readline()


if recipe in ("Lock", "ReadLock", "WriteLock"):
    with getattr(client, recipe)(path, "kazoo"):
        hold()
elif recipe == "Semaphore":
    with client.Semaphore(path, "kazoo", max_leases=2):
        hold()
elif recipe == "Election":
    client.Election(path, "kazoo").run(hold)
elif recipe == "DoubleBarrier":
    door = client.DoubleBarrier(path, 2)
    door.enter()
    print("held", flush=True)
    door.leave()
    print("left", flush=True)
elif recipe == "Queue":
    queue = client.Queue(path)
    print(queue.get().decode(), flush=True)
    queue.put(b"kazoo")
elif recipe == "Party":
    party = client.Party(path, "kazoo")
    party.join()
    print(len(party), flush=True)
    sys.stdin.readline()
client.stop()
