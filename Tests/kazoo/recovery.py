"""Writes to an ensemble without a break and tells when each write was acknowledged.

Usage: recovery.py HOST:PORT,... PATH. Prints a line for each acknowledged write: when it was sent and when it was
acknowledged, in seconds since 1970. Ends with its standard input.
"""

import sys
import threading
import time

from kazoo.client import KazooClient
from kazoo.exceptions import KazooException


def main():
    hosts, path = sys.argv[1:]
    client = KazooClient(hosts=hosts, timeout=10)
    client.start(timeout=30)
    client.ensure_path(path)
    over = threading.Event()
    threading.Thread(target=lambda: (sys.stdin.read(), over.set()), daemon=True).start()
    while not over.is_set():
        sent = time.time()
        try:
            client.set(path, b"x")
        except KazooException:
            time.sleep(0.001)
            continue
        print(f"{sent:.6f} {time.time():.6f}", flush=True)
        time.sleep(0.005)
    client.stop()


main()
