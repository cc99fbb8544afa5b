#!/usr/bin/env python3
"""status.py BINARY: `zoosh status` on an ensemble of three Apache servers beside `zkServer.sh status` on one of them.

Prints the wall time of the whole process for each, in milliseconds.
"""

import os
import statistics
import subprocess
import sys
import time

sys.dont_write_bytecode = True
sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from servers import Apache, free_port  # noqa: E402

SCRIPT = "/usr/share/zookeeper/bin/zkServer.sh"


class Member(Apache):
    """A member of an ensemble, whose lines `server.N=…` come when the ports of all are known."""

    def join(self, number, lines):
        with open(os.path.join(self.data, "myid"), "w") as file:
            file.write(f"{number}\n")
        with open(self.configuration, "a") as file:
            file.writelines(["initLimit=40\n", "syncLimit=20\n", *lines])

    @property
    def configuration(self):
        return os.path.join(self.directory, "zoo.cfg")


def measure(name, rounds, command):
    times = []
    for _ in range(rounds):
        began = time.monotonic()
        subprocess.run(command, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
                       check=True)
        times.append((time.monotonic() - began) * 1000)
    print(f"{name}: median {statistics.median(times):.0f} ms, {min(times):.0f} to {max(times):.0f} ms, {rounds} runs")


def main():
    members = [Member() for _ in range(3)]
    lines = [f"server.{number}=127.0.0.1:{free_port()}:{free_port()}\n" for number in (1, 2, 3)]
    try:
        for number, member in enumerate(members, 1):
            member.join(number, lines)
        # Alone none of them serves: start all before waiting for the first.
        for member in members[:-1]:
            member.launch()
        members[-1].start()
        for member in members[:-1]:
            member.wait()
        servers = ",".join(f"127.0.0.1:{member.port}" for member in members)
        measure("zoosh status, 3 servers", 30, [sys.argv[1], "-s", servers, "status"])
        measure("zkServer.sh status, 1 server", 10, [SCRIPT, "status", members[0].configuration])
    finally:
        for member in members:
            member.remove()


main()
