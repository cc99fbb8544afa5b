#!/usr/bin/env python3
"""Measures what reads a server's files, beside Apache's own tools, and prints rows of a table in Markdown.

It reads a data directory that is there. Wall time is the median of the rounds, memory the largest resident set that the
kernel reports for the process.
"""

import argparse
import os
import shutil
import statistics
import subprocess
import sys
import tempfile
import time


CLASS_PATH = "/etc/zookeeper/conf:/usr/share/java/*"


def run(command):
    """Seconds and the largest resident set in MiB."""
    start = time.monotonic()
    child = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    _, status, usage = os.wait4(child.pid, 0)
    child.returncode = os.waitstatus_to_exitcode(status)
    if child.returncode != 0:
        raise SystemExit(f"{' '.join(command)}: status {child.returncode}")
    return time.monotonic() - start, usage.ru_maxrss / 1024


def measure(title, command, rounds):
    results = [run(command) for _ in range(rounds)]
    seconds = statistics.median(result[0] for result in results)
    memory = max(result[1] for result in results)
    print(f"| {title} | {seconds:.2f} s | {memory:.0f} MiB |", flush=True)
    return seconds


def java(name, *arguments):
    return ["java", "-cp", CLASS_PATH, f"org.apache.zookeeper.server.{name}", *arguments]


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--binary", required=True)
    parser.add_argument("--data", required=True, help="a data directory; it is only read")
    parser.add_argument("--path", default="/", help="the znode that `log` is asked for")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--apache", action="store_true", help="and Apache's tools")
    options = parser.parse_args()
    version2 = os.path.join(options.data, "version-2")
    snapshot = max((n for n in os.listdir(version2) if n.startswith("snapshot.")), key=lambda n: int(n.split(".")[1], 16))
    logs = [os.path.join(version2, n) for n in os.listdir(version2) if n.startswith("log.")]
    largest = max(logs, key=os.path.getsize)
    bytes_all = sum(os.path.getsize(log) for log in logs)
    print("| what | time | memory |\n|---|---|---|")
    measure("every znode listed, `ls -R /`", [options.binary, "--offline", options.data, "ls", "-R", "/"], options.rounds)
    ours = measure("`txnlog dump` of the largest log", [options.binary, "txnlog", "dump", largest], options.rounds)
    if options.path != "/":
        seconds = measure(
            f"`log {options.path}`", [options.binary, "--offline", options.data, "log", options.path], options.rounds)
        print(f"| | {bytes_all / seconds / 1e6:.0f} MB/s of {bytes_all / 1e6:.0f} MB | |")
    if options.apache:
        work = tempfile.mkdtemp()
        try:
            copied = shutil.copy(os.path.join(version2, snapshot), work)
            measure("SnapshotFormatter of the newest snapshot", java("SnapshotFormatter", copied), 1)
            theirs = measure("TxnLogToolkit -d of the largest log", java("persistence.TxnLogToolkit", "-d", largest), 1)
            print(f"| | {theirs / ours:.1f} times as long | |")
        finally:
            shutil.rmtree(work)


if __name__ == "__main__":
    main()
