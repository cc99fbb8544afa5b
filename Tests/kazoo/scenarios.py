"""What users of kazoo, the Python client, do with a ZooKeeper server.

Usage: scenarios.py HOST:PORT NAME... ; scenarios.py --list. Each scenario is a function below whose docstring says
what must hold; it works below a znode of its own. The exit status is 1 when an assertion fails.
"""

import logging
import socket
import sys
import threading
import time
import traceback
import uuid

from kazoo.client import KazooClient, KazooState
from kazoo.exceptions import (
    BadVersionError, LockTimeout, NoAuthError, NodeExistsError, NoNodeError, NotEmptyError,
    RolledBackError, RuntimeInconsistency)
from kazoo.protocol.states import EventType
from kazoo.recipe.cache import TreeCache, TreeEvent
from kazoo.recipe.partitioner import PartitionState
from kazoo.security import CREATOR_ALL_ACL, make_digest_acl

LIMIT = 20
SCENARIOS = {}


def scenario(function):
    SCENARIOS[function.__name__] = function
    return function


class World:
    """Clients of one scenario; they are stopped when it ends."""

    def __init__(self, hosts):
        self.hosts = hosts
        self.clients = []
        self.client = self.connect()
        self.home = f"/kazoo-{uuid.uuid4()}"
        self.client.create(self.home)

    def connect(self, **options):
        client = KazooClient(hosts=self.hosts, timeout=options.pop("timeout", 10), **options)
        client.start(timeout=LIMIT)
        self.clients.append(client)
        return client

    def close(self):
        for client in self.clients:
            client.stop()
            client.close()


def eventually(condition, what):
    deadline = time.monotonic() + LIMIT
    while not condition():
        assert time.monotonic() < deadline, what
        time.sleep(0.005)


def refuses(error, call, *arguments, **options):
    try:
        call(*arguments, **options)
    except error:
        return
    raise AssertionError(f"{call.__name__}{arguments} was not refused with {error.__name__}")


def run_threads(*functions):
    """Runs the functions at the same time; the first exception is raised here."""
    failures = []

    def guarded(function):
        try:
            function()
        except BaseException as error:
            failures.append(error)

    threads = [threading.Thread(target=guarded, args=(function,), daemon=True) for function in functions]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(LIMIT)
        assert not thread.is_alive(), "a thread does not end"
    if failures:
        raise failures[0]


@scenario
def smoke(world):
    """The six core operations."""
    client, path = world.client, f"{world.home}/a"
    assert client.create(path, b"one") == path
    data, stat = client.get(path)
    assert data == b"one" and stat.version == 0 and stat.data_length == 3
    assert client.set(path, b"two").version == 1
    assert client.exists(path).version == 1
    assert client.get_children(world.home) == ["a"]
    refuses(NodeExistsError, client.create, path)
    refuses(BadVersionError, client.set, path, b"x", version=7)
    refuses(NotEmptyError, client.delete, world.home)
    client.delete(path)
    assert client.exists(path) is None
    refuses(NoNodeError, client.get, path)
    client.ensure_path(f"{world.home}/x/y/z")
    client.delete(f"{world.home}/x", recursive=True)
    assert client.get_children(world.home) == []


@scenario
def sequence(world):
    """Sequential names count up; include_data gives the stat."""
    client = world.client
    names = [client.create(f"{world.home}/n-", sequence=True) for _ in range(3)]
    assert names == [f"{world.home}/n-{number:010d}" for number in range(3)]
    path, stat = client.create(f"{world.home}/e-", b"x", ephemeral=True, sequence=True, include_data=True)
    assert path.endswith("0000000003") and stat.ephemeralOwner == client.client_id[0]


@scenario
def ephemerals(world):
    """Ephemerals end with their session."""
    other = world.connect()
    path = f"{world.home}/e"
    other.create(path, ephemeral=True)
    gone = threading.Event()
    assert world.client.exists(path, watch=lambda event: event.type == EventType.DELETED and gone.set())
    other.stop()
    assert gone.wait(LIMIT)
    assert world.client.exists(path) is None


@scenario
def reconnect(world):
    """A session survives a lost connection, with its ephemerals."""
    client = world.connect()
    states = []
    client.add_listener(states.append)
    client.create(f"{world.home}/e", ephemeral=True)
    session = client.client_id
    client._connection._socket.shutdown(socket.SHUT_RDWR)
    eventually(lambda: states[-1:] == [KazooState.CONNECTED], f"the session is back: {states}")
    assert KazooState.SUSPENDED in states and KazooState.LOST not in states
    assert client.client_id == session
    assert world.client.exists(f"{world.home}/e").ephemeralOwner == session[0]


@scenario
def pipelining(world):
    """Asynchronous calls keep their order."""
    client = world.client
    client.create(f"{world.home}/a")
    results = [client.set_async(f"{world.home}/a", b"%d" % number) for number in range(300)]
    assert [result.get(timeout=LIMIT).version for result in results] == list(range(1, 301))
    assert client.get(f"{world.home}/a")[0] == b"299"


@scenario
def lock(world):
    """One holder at a time, in the order of asking."""
    holders, overlap = [], []

    def work(client, name):
        for _ in range(5):
            with client.Lock(f"{world.home}/lock", name):
                overlap.append(name)
                assert len(overlap) == 1
                holders.append(name)
                overlap.pop()

    clients = [world.connect() for _ in range(3)]
    run_threads(*[lambda client=client, name=str(i): work(client, name) for i, client in enumerate(clients)])
    assert len(holders) == 15
    held = clients[0].Lock(f"{world.home}/lock", "first")
    assert held.acquire(timeout=LIMIT)
    waiting = clients[1].Lock(f"{world.home}/lock", "second")
    refuses(LockTimeout, waiting.acquire, timeout=0.1)
    assert held.contenders() == ["first"]
    held.release()
    assert waiting.acquire(timeout=LIMIT)


@scenario
def lock_of_a_dead_holder(world):
    """A lock is free when its holder's session ends."""
    holder = world.connect()
    assert holder.Lock(f"{world.home}/lock").acquire(timeout=LIMIT)
    waiting = world.client.Lock(f"{world.home}/lock")
    run_threads(lambda: waiting.acquire(timeout=LIMIT), holder.stop)
    assert waiting.is_acquired


@scenario
def read_write_lock(world):
    """Readers share, a writer is alone."""
    first, second = world.connect(), world.connect()
    read_a, read_b = first.ReadLock(f"{world.home}/lock"), second.ReadLock(f"{world.home}/lock")
    assert read_a.acquire(timeout=LIMIT) and read_b.acquire(timeout=LIMIT)
    write = world.client.WriteLock(f"{world.home}/lock")
    assert not write.acquire(blocking=False)
    read_a.release()
    read_b.release()
    assert write.acquire(timeout=LIMIT)
    assert not first.ReadLock(f"{world.home}/lock").acquire(blocking=False)


@scenario
def semaphore(world):
    """So many leases and no more."""
    clients = [world.connect() for _ in range(3)]
    leases = [client.Semaphore(f"{world.home}/semaphore", max_leases=2) for client in clients]
    assert leases[0].acquire(timeout=LIMIT) and leases[1].acquire(timeout=LIMIT)
    assert not leases[2].acquire(blocking=False)
    leases[0].release()
    assert leases[2].acquire(timeout=LIMIT)
    assert len(leases[2].lease_holders()) == 2


@scenario
def election(world):
    """One leader; the next takes over when it resigns or dies."""
    led, ready = [], [threading.Event(), threading.Event()]
    clients = [world.connect(), world.connect()]
    elections = [client.Election(f"{world.home}/election", str(i)) for i, client in enumerate(clients)]

    def lead(number):
        led.append(number)
        ready[number].set()
        if number == 0:
            clients[0].stop()

    def run_first():
        try:
            elections[0].run(lead, 0)
        except Exception:
            pass  # Its session is gone when it resigns.

    def run_second():
        assert ready[0].wait(LIMIT)
        elections[1].run(lead, 1)

    run_threads(run_first, run_second)
    assert led == [0, 1]


@scenario
def barrier(world):
    """Nobody passes before the barrier is removed."""
    gate = world.client.Barrier(f"{world.home}/barrier")
    gate.create()
    other = world.connect().Barrier(f"{world.home}/barrier")
    assert not other.wait(0.05)
    passed = []
    run_threads(lambda: passed.append(other.wait(LIMIT)), gate.remove)
    assert passed == [True]


@scenario
def double_barrier(world):
    """All enter together and leave together."""
    inside = []

    def work(client):
        door = client.DoubleBarrier(f"{world.home}/barrier", 3)
        door.enter()
        inside.append(1)
        eventually(lambda: len(inside) == 3, "all are inside")
        door.leave()

    clients = [world.connect() for _ in range(3)]
    run_threads(*[lambda client=client: work(client) for client in clients])
    assert len(inside) == 3


@scenario
def queue(world):
    """First in, first out; lower priorities first; each entry to one consumer."""
    entries = world.client.Queue(f"{world.home}/queue")
    for number in range(30):
        entries.put(b"%d" % number)
    entries.put(b"first", priority=1)
    assert len(entries) == 31
    assert entries.get() == b"first"
    taken = []

    def consume(client):
        queue = client.Queue(f"{world.home}/queue")
        while (entry := queue.get()) is not None:
            taken.append(int(entry))

    run_threads(*[lambda client=world.connect(): consume(client) for _ in range(2)])
    assert sorted(taken) == list(range(30))


@scenario
def locking_queue(world):
    """An entry stays until it was consumed, and is offered again when its holder dies."""
    entries = world.client.LockingQueue(f"{world.home}/queue")
    entries.put_all([b"a", b"b"])
    holder = world.connect()
    assert holder.LockingQueue(f"{world.home}/queue").get(LIMIT) == b"a"
    assert entries.get(LIMIT) == b"b"
    assert entries.consume()
    holder.stop()
    assert entries.get(LIMIT) == b"a"
    assert entries.consume()
    assert len(entries) == 0


@scenario
def counter(world):
    """Increments of several clients all count."""
    def count(client):
        value = client.Counter(f"{world.home}/counter")
        for _ in range(20):
            value += 1

    run_threads(*[lambda client=world.connect(): count(client) for _ in range(3)])
    assert world.client.Counter(f"{world.home}/counter").value == 60


@scenario
def children_watch(world):
    """Every state of the list in the end, and the watch stays."""
    seen = []
    world.client.ChildrenWatch(world.home, lambda children: seen.append(sorted(children)))
    other = world.connect()
    for name in "abc":
        other.create(f"{world.home}/{name}")
        eventually(lambda: name in seen[-1], f"{name} in {seen}")
    other.delete(f"{world.home}/b")
    eventually(lambda: seen[-1] == ["a", "c"], f"{seen}")


@scenario
def data_watch(world):
    """Creation, each change that stays, and deletion."""
    seen = []
    path = f"{world.home}/data"
    world.client.DataWatch(path, lambda data, stat: seen.append((data, stat and stat.version)))
    assert seen == [(None, None)]
    other = world.connect()
    other.create(path, b"0")
    for version in range(3):
        eventually(lambda: seen[-1] == (b"%d" % version, version), f"{seen}")
        other.set(path, b"%d" % (version + 1))
    eventually(lambda: seen[-1] == (b"3", 3), f"{seen}")
    other.delete(path)
    eventually(lambda: seen[-1] == (None, None), f"{seen}")


@scenario
def tree_cache(world):
    """The cache follows a subtree."""
    root = f"{world.home}/tree"
    world.client.ensure_path(f"{root}/a/b")
    initialized, events = threading.Event(), []

    def listen(event):
        events.append(event)
        if event.event_type == TreeEvent.INITIALIZED:
            initialized.set()

    cache = TreeCache(world.client, root)
    cache.listen(listen)
    cache.start()
    assert initialized.wait(LIMIT)
    assert cache.get_children(f"{root}/a") == frozenset(["b"])
    other = world.connect()
    other.set(f"{root}/a/b", b"new")
    other.create(f"{root}/c", b"c")
    other.delete(f"{root}/a/b")
    eventually(lambda: cache.get_data(f"{root}/c") is not None, "the new znode")
    eventually(lambda: cache.get_children(f"{root}/a") == frozenset(), "the deletion")
    assert cache.get_data(f"{root}/c").data == b"c"
    cache.close()


@scenario
def transaction(world):
    """All or nothing, with a result for each operation."""
    client = world.client
    batch = client.transaction()
    batch.create(f"{world.home}/a", b"1")
    batch.check(f"{world.home}/a", version=0)
    batch.set_data(f"{world.home}/a", b"2")
    batch.create(f"{world.home}/n-", sequence=True)
    batch.delete(f"{world.home}/a")
    results = batch.commit()
    assert results[0] == f"{world.home}/a" and results[1] is True and results[2].version == 1
    assert results[3] == f"{world.home}/n-0000000001" and results[4] is True
    batch = client.transaction()
    batch.create(f"{world.home}/b")
    batch.delete(f"{world.home}/missing")
    batch.create(f"{world.home}/c")
    results = batch.commit()
    assert [type(result) for result in results] == [RolledBackError, NoNodeError, RuntimeInconsistency], results
    assert client.exists(f"{world.home}/b") is None


@scenario
def set_partitioner(world):
    """Members divide a set; the division changes when one leaves."""
    wanted = tuple(range(6))

    def acquire(partitioner):
        deadline = time.monotonic() + LIMIT
        while partitioner.state != PartitionState.ACQUIRED:
            assert time.monotonic() < deadline, f"{partitioner.state}"
            if partitioner.state == PartitionState.RELEASE:
                partitioner.release_set()
            elif partitioner.state == PartitionState.FAILURE:
                raise AssertionError("the partitioner failed")
            else:
                partitioner.wait_for_acquire(0.05)

    clients = [world.connect(), world.connect()]
    members = [
        client.SetPartitioner(f"{world.home}/set", wanted, identifier=str(i), time_boundary=0.2)
        for i, client in enumerate(clients)]
    deadline = time.monotonic() + LIMIT
    while True:
        run_threads(*[lambda member=member: acquire(member) for member in members])
        if all(member.acquired for member in members) and len(list(members[0])) == 3:
            break
        assert time.monotonic() < deadline, "the members share"
    assert sorted(list(members[0]) + list(members[1])) == list(wanted)
    members[1].finish()
    clients[1].stop()
    eventually(lambda: members[0].state == PartitionState.RELEASE, "the other has left")
    acquire(members[0])
    assert sorted(members[0]) == list(wanted)
    members[0].finish()


@scenario
def party(world):
    """Members come and go."""
    other = world.connect()
    mine, theirs = world.client.Party(f"{world.home}/party", "one"), other.Party(f"{world.home}/party", "two")
    mine.join()
    theirs.join()
    assert sorted(mine) == ["one", "two"] and len(theirs) == 2
    other.stop()
    eventually(lambda: list(mine) == ["one"], "the other has left")
    shallow = world.client.ShallowParty(f"{world.home}/shallow", "me")
    shallow.join()
    assert list(shallow) == ["me"]


@scenario
def lease(world):
    """A lease is held for its time by one process."""
    import datetime
    first = world.client.NonBlockingLease(f"{world.home}/lease", datetime.timedelta(minutes=1), identifier="one")
    assert first
    second = world.connect().NonBlockingLease(f"{world.home}/lease", datetime.timedelta(minutes=1), identifier="two")
    assert not second


@scenario
def access(world):
    """Digest users, and what a stranger may not do."""
    owner = world.connect(auth_data=[("digest", "joe:secret")])
    owner.create(f"{world.home}/private", b"x", acl=CREATOR_ALL_ACL)
    assert owner.get(f"{world.home}/private")[0] == b"x"
    refuses(NoAuthError, world.client.get, f"{world.home}/private")
    refuses(NoAuthError, world.client.set, f"{world.home}/private", b"y")
    world.client.create(f"{world.home}/read", acl=[make_digest_acl("joe", "secret", read=True)])
    assert owner.get(f"{world.home}/read")[0] == b""
    refuses(NoAuthError, owner.set, f"{world.home}/read", b"y")
    acl, stat = owner.get_acls(f"{world.home}/private")
    assert acl[0].id.scheme == "digest" and stat.aversion == 0
    world.client.add_auth("digest", "joe:secret")
    assert world.client.get(f"{world.home}/private")[0] == b"x"


@scenario
def chroot(world):
    """A client with a chroot sees only what is below it."""
    client = KazooClient(hosts=f"{world.hosts}{world.home}")
    client.start(timeout=LIMIT)
    world.clients.append(client)
    client.create("/a", b"x")
    assert client.get_children("/") == ["a"]
    assert world.client.get(f"{world.home}/a")[0] == b"x"


@scenario
def large_values(world):
    """Values up to a megabyte, and a list of many children."""
    value = bytes(range(256)) * 4000
    world.client.create(f"{world.home}/large", value)
    assert world.client.get(f"{world.home}/large")[0] == value
    world.client.create(f"{world.home}/many")
    pending = [world.client.create_async(f"{world.home}/many/child-{number:05d}") for number in range(3000)]
    for result in pending:
        result.get(timeout=LIMIT)
    assert len(world.client.get_children(f"{world.home}/many")) == 3000


@scenario
def four_letter_words(world):
    """kazoo asks for them over the session's own server."""
    assert world.client.command(b"ruok") == "imok"
    assert world.client.server_version() >= (3, 8)
    assert "Mode:" in world.client.command(b"srvr")


def main():
    logging.basicConfig(level=logging.CRITICAL)
    if sys.argv[1] == "--list":
        print("\n".join(SCENARIOS))
        return 0
    failed = 0
    for name in sys.argv[2:]:
        world = World(sys.argv[1])
        try:
            SCENARIOS[name](world)
            print(f"{name}: passed")
        except Exception:
            failed += 1
            print(f"{name}: failed ({SCENARIOS[name].__doc__})\n{traceback.format_exc()}")
        finally:
            world.close()
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
