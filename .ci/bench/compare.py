#!/usr/bin/env python3
"""Compares zoosh's server with Apache ZooKeeper on this machine and prints a table in Markdown.

Loads run in turn on both servers, A B A B, each server alone on the machine's cores beside the generator; the figures
are medians of the rounds. Apache's JVM is warmed up by a run that does not count. After each run the generator
compares what is stored with what was acknowledged, and at the end both servers are killed with SIGKILL and must hold
the same after a restart.
"""

import argparse
import json
import os
import platform
import statistics
import subprocess
import sys
import time

sys.dont_write_bytecode = True
sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from servers import Apache, Zoosh  # noqa: E402

LOADS = [  # name, operation, connections, in flight
    ("get, 32 connections x 16 in flight", "get", 32, 16),
    ("set, 32 x 16, synced", "set", 32, 16),
    ("create, 32 x 16, synced", "create", 32, 16),
    ("get, 128 connections x 1", "get", 128, 1),
    ("get, 1 x 1 (round trip)", "get", 1, 1),
    ("sequential create, 32 x 16, synced", "seq", 32, 16),
    ("mixed (8 gets, 2 sets), 32 x 16", "mixed", 32, 16),
]


def say(text):
    print(text, file=sys.stderr, flush=True)


class Comparison:
    def __init__(self, options):
        self.options = options
        self.rows = []

    def make(self, kind):
        return Zoosh(self.options.binary) if kind == "zoosh" else Apache()

    def bench(self, server, operation, connections, in_flight, *more):
        command = [self.options.binary, "bench", operation, "--server", f"127.0.0.1:{server.port}", "--json",
                   "--connections", str(connections), "--in-flight", str(in_flight), *more]
        result = subprocess.run(command, stdout=subprocess.PIPE, text=True, timeout=900)
        if result.returncode != 0:
            raise RuntimeError(f"{' '.join(command)} on {server.name}: status {result.returncode}")
        return json.loads(result.stdout.splitlines()[-1])

    def run(self, server, operation, connections, in_flight):
        report = self.bench(server, operation, connections, in_flight, "--duration", f"{self.options.seconds}s",
                            "--warmup", "1s", "--keep", "--root", f"/bench{time.monotonic_ns()}")
        if report["errors"]:
            raise RuntimeError(f"{operation} on {server.name}: {report['errorsByCode']}")
        return report

    def row(self, name, apache, zoosh, unit, higher_is_better, digits=0):
        ratio = (zoosh / apache if higher_is_better else apache / zoosh) if apache and zoosh else float("nan")
        self.rows.append((name, f"{apache:,.{digits}f}{unit}", f"{zoosh:,.{digits}f}{unit}", f"{ratio:.1f} x"))
        say(f"{name}: Apache {self.rows[-1][1]}, zoosh {self.rows[-1][2]}, {self.rows[-1][3]}")

    def loads(self):
        for name, operation, connections, in_flight in LOADS:
            if self.options.only and self.options.only not in name:
                continue
            reports = {"apache": [], "zoosh": []}
            for turn in range(self.options.rounds):
                for kind in ("apache", "zoosh"):
                    server = self.make(kind)
                    try:
                        server.start()
                        if kind == "apache":
                            self.bench(server, operation, connections, in_flight, "--warmup", "0s", "--duration",
                                       f"{self.options.jvm_warmup}s", "--keep", "--root", "/warmup")
                        reports[kind].append(self.run(server, operation, connections, in_flight))
                        say(f"  {kind} {operation} {turn + 1}: {reports[kind][-1]['requestsPerSecond']:,.0f}/s")
                        if operation == "create" and turn == 0:
                            self.check_after_kill(server)
                    finally:
                        server.remove()
            median = {kind: statistics.median(r["requestsPerSecond"] for r in reports[kind]) for kind in reports}
            self.row(name, median["apache"], median["zoosh"], "/s", True)
            if (connections, in_flight) == (32, 16) and operation in ("get", "set"):
                p99 = {kind: statistics.median(r["latencyMicros"]["p99"] for r in reports[kind]) / 1000
                       for kind in reports}
                self.row(f"p99 latency, {operation}, 32 x 16", p99["apache"], p99["zoosh"], " ms", False, 2)

    def check_after_kill(self, server):
        """What was acknowledged is still there after kill -9 and a restart."""
        def count():
            return next(int(line.split(":")[1]) for line in server.ask("srvr").splitlines()
                        if line.startswith("Node count"))
        before = count()
        server.kill()
        server.start()
        after = count()
        if after != before:
            raise RuntimeError(f"{server.name}: {before} znodes before kill -9, {after} after")
        say(f"  {server.name}: {after:,} znodes before and after kill -9")

    def sizes(self):
        count = self.options.znodes
        filled, restarted, restart, cold, idle = {}, {}, {}, {}, {}
        for kind in ("apache", "zoosh"):
            server = self.make(kind)
            try:
                times = []
                for _ in range(5):
                    times.append(server.start())
                    idle_after = time.monotonic() + 1
                    while time.monotonic() < idle_after:
                        time.sleep(0.1)
                    idle[kind] = server.resident_kib() / 1024
                    server.stop()
                cold[kind] = statistics.median(times) * 1000
                server.start()
                say(f"  {kind}: filling {count:,} znodes")
                self.bench(server, "create", 32, 16, "--count", str(count), "--keep", "--root", "/fill")
                filled[kind] = server.resident_kib() / 1024
                server.stop()
                times = []
                for _ in range(3):
                    times.append(server.start())
                    restarted[kind] = server.resident_kib() / 1024
                    server.stop()
                restart[kind] = statistics.median(times)
            finally:
                server.remove()
        self.row(f"resident memory after filling {count:,} znodes", filled["apache"], filled["zoosh"], " MiB", False)
        self.row(f"resident memory after a restart with {count:,} znodes", restarted["apache"], restarted["zoosh"],
                 " MiB", False)
        self.row(f"restart with {count:,} znodes", restart["apache"], restart["zoosh"], " s", False, 2)
        self.row("cold start to the first answer", cold["apache"], cold["zoosh"], " ms", False)
        self.row("idle resident memory", idle["apache"], idle["zoosh"], " MiB", False, 1)

    def table(self):
        print(f"Measured with values of 100 B on {machine()}; medians of {self.options.rounds} rounds "
              f"of {self.options.seconds} s.\n")
        print("| | Apache ZooKeeper | zoosh | ratio |")
        print("|---|---:|---:|---:|")
        for row in self.rows:
            print(f"| {' | '.join(row)} |")


def machine():
    model = "an unknown processor"
    with open("/proc/cpuinfo") as info:
        for line in info:
            if line.startswith("model name"):
                model = line.split(":", 1)[1].strip()
                break
    with open("/proc/meminfo") as info:
        memory = int(info.readline().split()[1]) // (1 << 20)
    java = subprocess.run(["java", "-version"], stderr=subprocess.PIPE, text=True).stderr.splitlines()[0]
    return f"{len(os.sched_getaffinity(0))} cores of {model}, {memory} GiB, Linux {platform.release()}, {java}"


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--binary", required=True, help="the zoosh binary of a release build")
    parser.add_argument("--seconds", type=int, default=8, help="measured time of each run")
    parser.add_argument("--rounds", type=int, default=2, help="runs of each load on each server")
    parser.add_argument("--jvm-warmup", type=int, default=8, help="seconds of load before Apache is measured")
    parser.add_argument("--znodes", type=int, default=1_000_000, help="znodes for memory and restart")
    parser.add_argument("--only", help="only the loads whose name has this text")
    parser.add_argument("--no-sizes", action="store_true", help="leave out memory and start-up")
    comparison = Comparison(parser.parse_args())
    comparison.loads()
    if not comparison.options.no_sizes:
        comparison.sizes()
    comparison.table()


main()
