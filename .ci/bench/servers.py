"""The servers that the benchmark starts, each on a free port of loopback with a data directory of its own."""

import os
import shutil
import signal
import socket
import subprocess
import tempfile
import time

TICK = {"tickTime": "2000", "maxSessionTimeout": "3600000"}


def free_port():
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return listener.getsockname()[1]


class Server:
    """A running server. `directory` survives `kill` and `stop`, so that `start` recovers from it."""

    name = "?"

    def __init__(self):
        self.directory = tempfile.mkdtemp(prefix=f"zoosh-bench-{self.name}-", dir=os.environ.get("ZOOSH_BENCH_DIR"))
        self.data = os.path.join(self.directory, "data")
        os.mkdir(self.data)
        self.port = free_port()
        self.process = None

    def command(self):
        raise NotImplementedError

    def start(self):
        """Starts the process and returns the seconds until it answered its first request."""
        began = time.monotonic()
        self.launch()
        self.wait()
        return time.monotonic() - began

    def launch(self):
        with open(os.path.join(self.directory, "log"), "ab") as log:
            self.process = subprocess.Popen(
                self.command(), stdin=subprocess.DEVNULL, stdout=log, stderr=log, cwd=self.directory,
                start_new_session=True)

    def wait(self):
        began = time.monotonic()
        while True:
            if self.process.poll() is not None:
                raise RuntimeError(f"{self.name} ended with status {self.process.returncode}: {self.log_tail()}")
            try:
                if "Zookeeper version" in self.ask("srvr"):
                    return
            except OSError:
                pass
            if time.monotonic() - began > 120:
                raise RuntimeError(f"{self.name} does not answer: {self.log_tail()}")
            time.sleep(0.001)

    def ask(self, word):
        with socket.create_connection(("127.0.0.1", self.port), timeout=5) as connection:
            connection.sendall(word.encode())
            answer = b""
            while chunk := connection.recv(65536):
                answer += chunk
        return answer.decode(errors="replace")

    def log_tail(self):
        with open(os.path.join(self.directory, "log"), errors="replace") as log:
            return "".join(log.readlines()[-10:])

    def resident_kib(self):
        with open(f"/proc/{self.process.pid}/status") as status:
            for line in status:
                if line.startswith("VmRSS:"):
                    return int(line.split()[1])
        raise RuntimeError("no VmRSS")

    def end(self, number):
        if self.process and self.process.poll() is None:
            os.killpg(self.process.pid, number)
            self.process.wait(60)

    def kill(self):
        self.end(signal.SIGKILL)

    def stop(self):
        self.end(signal.SIGTERM)

    def remove(self):
        self.kill()
        shutil.rmtree(self.directory, ignore_errors=True)


class Zoosh(Server):
    name = "zoosh"

    def __init__(self, binary):
        self.binary = binary
        super().__init__()

    def command(self):
        return [self.binary, "server", "--listen", f"127.0.0.1:{self.port}", "--data-dir", self.data,
                "--max-client-cnxns", "0"]


class Apache(Server):
    """Debian's package, as its scripts start it, with its default heap."""

    name = "apache"
    main_class = "org.apache.zookeeper.server.quorum.QuorumPeerMain"

    def __init__(self, java_options=()):
        self.java_options = list(java_options)
        super().__init__()
        settings = dict(TICK, dataDir=self.data, clientPort=self.port, clientPortAddress="127.0.0.1",
                        maxClientCnxns="0", **{"admin.enableServer": "false", "4lw.commands.whitelist": "*"})
        with open(os.path.join(self.directory, "zoo.cfg"), "w") as file:
            file.writelines(f"{key}={value}\n" for key, value in settings.items())

    def command(self):
        return ["java", *self.java_options, "-cp", self.class_path(), self.main_class,
                os.path.join(self.directory, "zoo.cfg")]

    @staticmethod
    def class_path():
        override = os.environ.get("ZOOSH_TEST_ZOOKEEPER_CLASSPATH")
        if override:
            return override
        with open("/etc/zookeeper/conf/environment") as file:
            for line in file:
                if line.startswith("CLASSPATH="):
                    return line.split("=", 1)[1].strip().strip("\"'")
        raise RuntimeError("/etc/zookeeper/conf/environment has no CLASSPATH")
