import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Collectors;
import org.apache.curator.framework.CuratorFramework;
import org.apache.curator.framework.CuratorFrameworkFactory;
import org.apache.curator.framework.api.transaction.CuratorTransactionResult;
import org.apache.curator.framework.recipes.atomic.DistributedAtomicLong;
import org.apache.curator.framework.recipes.barriers.DistributedBarrier;
import org.apache.curator.framework.recipes.barriers.DistributedDoubleBarrier;
import org.apache.curator.framework.recipes.cache.CuratorCache;
import org.apache.curator.framework.recipes.cache.CuratorCacheListener;
import org.apache.curator.framework.recipes.cache.PathChildrenCache;
import org.apache.curator.framework.recipes.cache.TreeCache;
import org.apache.curator.framework.recipes.leader.LeaderLatch;
import org.apache.curator.framework.recipes.leader.LeaderSelector;
import org.apache.curator.framework.recipes.leader.LeaderSelectorListenerAdapter;
import org.apache.curator.framework.recipes.locks.InterProcessMutex;
import org.apache.curator.framework.recipes.locks.InterProcessReadWriteLock;
import org.apache.curator.framework.recipes.locks.InterProcessSemaphoreV2;
import org.apache.curator.framework.recipes.locks.Lease;
import org.apache.curator.framework.recipes.nodes.GroupMember;
import org.apache.curator.framework.recipes.nodes.PersistentNode;
import org.apache.curator.framework.recipes.queue.DistributedQueue;
import org.apache.curator.framework.recipes.queue.QueueBuilder;
import org.apache.curator.framework.recipes.queue.QueueConsumer;
import org.apache.curator.framework.recipes.queue.QueueSerializer;
import org.apache.curator.framework.recipes.queue.SimpleDistributedQueue;
import org.apache.curator.framework.recipes.shared.SharedCount;
import org.apache.curator.framework.state.ConnectionState;
import org.apache.curator.retry.RetryOneTime;
import org.apache.zookeeper.AddWatchMode;
import org.apache.zookeeper.CreateMode;
import org.apache.zookeeper.KeeperException;
import org.apache.zookeeper.WatchedEvent;
import org.apache.zookeeper.Watcher;
import org.apache.zookeeper.ZooDefs;
import org.apache.zookeeper.ZooKeeper;
import org.apache.zookeeper.data.ACL;
import org.apache.zookeeper.data.Id;
import org.apache.zookeeper.data.Stat;

/**
 * What users of Apache Curator do. Runs every scenario on the server of the first argument, each under a znode of its
 * own, and prints a line for each: "name: passed", or "name: failed" and why.
 */
public class CuratorScenarios {
    interface Scenario {
        void run(CuratorFramework client, CuratorFramework other) throws Exception;
    }

    static final int SECONDS = 30;
    static final Map<String, Scenario> SCENARIOS = new LinkedHashMap<>();

    static {
        SCENARIOS.put("nodes", CuratorScenarios::nodes);
        SCENARIOS.put("protection", CuratorScenarios::protection);
        SCENARIOS.put("background", CuratorScenarios::background);
        SCENARIOS.put("transaction", CuratorScenarios::transaction);
        SCENARIOS.put("access", CuratorScenarios::access);
        SCENARIOS.put("watches", CuratorScenarios::watches);
        SCENARIOS.put("mutex", CuratorScenarios::mutex);
        SCENARIOS.put("read_write_lock", CuratorScenarios::readWriteLock);
        SCENARIOS.put("semaphore", CuratorScenarios::semaphore);
        SCENARIOS.put("leader_latch", CuratorScenarios::leaderLatch);
        SCENARIOS.put("leader_selector", CuratorScenarios::leaderSelector);
        SCENARIOS.put("barrier", CuratorScenarios::barrier);
        SCENARIOS.put("double_barrier", CuratorScenarios::doubleBarrier);
        SCENARIOS.put("atomic_long", CuratorScenarios::atomicLong);
        SCENARIOS.put("shared_count", CuratorScenarios::sharedCount);
        SCENARIOS.put("queue", CuratorScenarios::queue);
        SCENARIOS.put("simple_queue", CuratorScenarios::simpleQueue);
        SCENARIOS.put("cache", CuratorScenarios::cache);
        SCENARIOS.put("children_cache", CuratorScenarios::childrenCache);
        SCENARIOS.put("tree_cache", CuratorScenarios::treeCache);
        SCENARIOS.put("persistent_node", CuratorScenarios::persistentNode);
        SCENARIOS.put("group_member", CuratorScenarios::groupMember);
        SCENARIOS.put("expiry", CuratorScenarios::expiry);
    }

    public static void main(String[] arguments) throws Exception {
        boolean failed = false;
        String root = "curator-" + ProcessHandle.current().pid() + "-" + System.nanoTime();
        for (Map.Entry<String, Scenario> scenario : SCENARIOS.entrySet()) {
            try (CuratorFramework client = connect(arguments[0], root + "/" + scenario.getKey());
                    CuratorFramework other = connect(arguments[0], root + "/" + scenario.getKey())) {
                scenario.getValue().run(client, other);
                System.out.println(scenario.getKey() + ": passed");
            } catch (Throwable error) {
                failed = true;
                System.out.println(scenario.getKey() + ": failed: " + error);
                error.printStackTrace();
            }
        }
        System.exit(failed ? 1 : 0);
    }

    static CuratorFramework connect(String server, String namespace) throws Exception {
        CuratorFramework client = CuratorFrameworkFactory.builder().connectString(server).namespace(namespace)
                .sessionTimeoutMs(10_000).connectionTimeoutMs(10_000).retryPolicy(new RetryOneTime(200)).build();
        client.start();
        check(client.blockUntilConnected(SECONDS, TimeUnit.SECONDS), "no connection");
        return client;
    }

    static void check(boolean condition, String what) {
        if (!condition) throw new AssertionError(what);
    }

    interface Condition {
        boolean holds() throws Exception;
    }

    static void eventually(String what, Condition condition) throws Exception {
        long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(SECONDS);
        while (!condition.holds()) {
            check(System.nanoTime() < end, "never: " + what);
            Thread.sleep(10);
        }
    }

    static byte[] bytes(String text) {
        return text.getBytes();
    }

    static String text(byte[] bytes) {
        return new String(bytes);
    }

    // Znodes

    static void nodes(CuratorFramework client, CuratorFramework other) throws Exception {
        client.create().creatingParentsIfNeeded().forPath("/a/b/c", bytes("1"));
        Stat stat = new Stat();
        check(text(client.getData().storingStatIn(stat).forPath("/a/b/c")).equals("1"), "data");
        check(stat.getVersion() == 0 && stat.getDataLength() == 1, "stat");
        check(client.setData().withVersion(0).forPath("/a/b/c", bytes("2")).getVersion() == 1, "version");
        try {
            client.setData().withVersion(0).forPath("/a/b/c", bytes("3"));
            check(false, "a wrong version is taken");
        } catch (KeeperException.BadVersionException expected) {
        }
        check(client.create().orSetData().forPath("/a/b/c", bytes("4")) != null, "create or set");
        check(client.checkExists().forPath("/a/none") == null, "exists");
        client.create().creatingParentContainersIfNeeded().forPath("/containers/x");
        List<String> names = new ArrayList<>();
        for (int i = 0; i < 3; i++) {
            names.add(client.create().withMode(CreateMode.PERSISTENT_SEQUENTIAL).forPath("/a/s-"));
        }
        check(names.equals(names.stream().sorted().collect(Collectors.toList())), "the order of names: " + names);
        client.sync().forPath("/a");
        check(client.getChildren().forPath("/a").size() == 4, "children");
        client.create().compressed().forPath("/a/packed", bytes("text"));
        check(text(other.getData().decompressed().forPath("/a/packed")).equals("text"), "compression");
        client.delete().deletingChildrenIfNeeded().forPath("/a");
        check(other.checkExists().forPath("/a/b/c") == null, "deleting children");
    }

    static void protection(CuratorFramework client, CuratorFramework other) throws Exception {
        String path = client.create().creatingParentsIfNeeded().withProtection()
                .withMode(CreateMode.EPHEMERAL_SEQUENTIAL).forPath("/p/n-");
        check(path.matches("/p/_c_[0-9a-f-]{36}-n-[0-9]{10}"), path);
        check(client.checkExists().forPath(path).getEphemeralOwner()
                == client.getZookeeperClient().getZooKeeper().getSessionId(), "owner");
        client.delete().guaranteed().forPath(path);
    }

    static void background(CuratorFramework client, CuratorFramework other) throws Exception {
        client.create().forPath("/b");
        LinkedBlockingQueue<String> done = new LinkedBlockingQueue<>();
        for (int i = 0; i < 500; i++) {
            client.create().inBackground((c, event) -> done.add(event.getPath() + event.getResultCode()))
                    .forPath("/b/" + i);
        }
        for (int i = 0; i < 500; i++) {
            check(("/b/" + i + "0").equals(done.poll(SECONDS, TimeUnit.SECONDS)), "the order of replies, " + i);
        }
        check(other.getChildren().forPath("/b").size() == 500, "children");
    }

    static void transaction(CuratorFramework client, CuratorFramework other) throws Exception {
        client.create().forPath("/t", bytes("0"));
        List<CuratorTransactionResult> results = client.transaction().forOperations(
                client.transactionOp().create().forPath("/t/a", bytes("1")),
                client.transactionOp().setData().withVersion(0).forPath("/t", bytes("2")),
                client.transactionOp().check().forPath("/t/a"),
                client.transactionOp().create().withMode(CreateMode.EPHEMERAL_SEQUENTIAL).forPath("/t/s-"));
        check(results.size() == 4 && results.get(1).getResultStat().getVersion() == 1, "results");
        check(results.get(3).getResultPath().endsWith("/t/s-0000000001"), results.get(3).getResultPath());
        try {
            client.transaction().forOperations(
                    client.transactionOp().create().forPath("/t/b"),
                    client.transactionOp().delete().forPath("/t/none"));
            check(false, "a transaction with a missing znode is done");
        } catch (KeeperException.NoNodeException error) {
            check(error.getResults().get(1).getType() == ZooDefs.OpCode.error, "the result of the op that failed");
        }
        check(client.checkExists().forPath("/t/b") == null, "nothing of it is done");
    }

    static void access(CuratorFramework client, CuratorFramework other) throws Exception {
        ZooKeeper zooKeeper = client.getZookeeperClient().getZooKeeper();
        zooKeeper.addAuthInfo("digest", bytes("user:secret"));
        client.create().withACL(ZooDefs.Ids.CREATOR_ALL_ACL).forPath("/mine", bytes("x"));
        try {
            other.getData().forPath("/mine");
            check(false, "others can read");
        } catch (KeeperException.NoAuthException expected) {
        }
        other.getZookeeperClient().getZooKeeper().addAuthInfo("digest", bytes("user:secret"));
        check(text(other.getData().forPath("/mine")).equals("x"), "the same user can read");
        List<ACL> acl = Collections.singletonList(new ACL(ZooDefs.Perms.READ, new Id("world", "anyone")));
        client.setACL().withACL(acl).forPath("/mine");
        check(client.getACL().forPath("/mine").equals(acl), "the ACL that was set");
    }

    static void watches(CuratorFramework client, CuratorFramework other) throws Exception {
        client.create().forPath("/w");
        LinkedBlockingQueue<WatchedEvent> events = new LinkedBlockingQueue<>();
        client.getData().usingWatcher((Watcher) events::add).forPath("/w");
        other.setData().forPath("/w", bytes("1"));
        other.setData().forPath("/w", bytes("2"));
        check(events.poll(SECONDS, TimeUnit.SECONDS).getType() == Watcher.Event.EventType.NodeDataChanged, "data");
        LinkedBlockingQueue<WatchedEvent> recursive = new LinkedBlockingQueue<>();
        Watcher watcher = recursive::add;
        client.watchers().add().withMode(AddWatchMode.PERSISTENT_RECURSIVE).usingWatcher(watcher).forPath("/w");
        other.create().creatingParentsIfNeeded().forPath("/w/a/b");
        other.delete().forPath("/w/a/b");
        for (String expected : Arrays.asList("NodeCreated /w/a", "NodeCreated /w/a/b", "NodeDeleted /w/a/b")) {
            WatchedEvent event = recursive.poll(SECONDS, TimeUnit.SECONDS);
            check(expected.equals(event.getType() + " " + event.getPath()), event + " for " + expected);
        }
        client.watchers().removeAll().forPath("/w");
        other.create().forPath("/w/after");
        client.sync().forPath("/w");
        check(recursive.stream().noneMatch(e -> e.getType() == Watcher.Event.EventType.NodeCreated), "removed");
        check(events.isEmpty(), "a one-shot watch fires once");
    }

    // Locks

    static void mutex(CuratorFramework client, CuratorFramework other) throws Exception {
        AtomicInteger inside = new AtomicInteger();
        AtomicInteger rounds = new AtomicInteger();
        ExecutorService pool = Executors.newFixedThreadPool(6);
        List<Future<?>> workers = new ArrayList<>();
        for (int worker = 0; worker < 6; worker++) {
            InterProcessMutex mutex = new InterProcessMutex(worker % 2 == 0 ? client : other, "/lock");
            workers.add(pool.submit(() -> {
                for (int i = 0; i < 10; i++) {
                    check(mutex.acquire(SECONDS, TimeUnit.SECONDS), "not acquired");
                    check(inside.incrementAndGet() == 1, "two are inside");
                    rounds.incrementAndGet();
                    inside.decrementAndGet();
                    mutex.release();
                }
                return null;
            }));
        }
        for (Future<?> worker : workers) worker.get(2 * SECONDS, TimeUnit.SECONDS);
        pool.shutdown();
        check(rounds.get() == 60, "rounds");
        InterProcessMutex mine = new InterProcessMutex(client, "/lock");
        mine.acquire();
        check(!new InterProcessMutex(other, "/lock").acquire(100, TimeUnit.MILLISECONDS), "a held lock is acquired");
        mine.acquire();
        mine.release();
        mine.release();
    }

    static void readWriteLock(CuratorFramework client, CuratorFramework other) throws Exception {
        InterProcessReadWriteLock mine = new InterProcessReadWriteLock(client, "/rw");
        InterProcessReadWriteLock theirs = new InterProcessReadWriteLock(other, "/rw");
        mine.readLock().acquire();
        check(theirs.readLock().acquire(SECONDS, TimeUnit.SECONDS), "two readers");
        check(!theirs.writeLock().acquire(100, TimeUnit.MILLISECONDS), "a writer beside a reader");
        mine.readLock().release();
        theirs.readLock().release();
        check(theirs.writeLock().acquire(SECONDS, TimeUnit.SECONDS), "a writer alone");
        check(!mine.readLock().acquire(100, TimeUnit.MILLISECONDS), "a reader beside a writer");
        theirs.writeLock().release();
    }

    static void semaphore(CuratorFramework client, CuratorFramework other) throws Exception {
        InterProcessSemaphoreV2 mine = new InterProcessSemaphoreV2(client, "/semaphore", 2);
        InterProcessSemaphoreV2 theirs = new InterProcessSemaphoreV2(other, "/semaphore", 2);
        Lease first = mine.acquire(SECONDS, TimeUnit.SECONDS);
        Lease second = theirs.acquire(SECONDS, TimeUnit.SECONDS);
        check(first != null && second != null, "two leases");
        check(mine.acquire(100, TimeUnit.MILLISECONDS) == null, "a third lease");
        theirs.returnLease(second);
        check(mine.acquire(SECONDS, TimeUnit.SECONDS) != null, "the lease that was returned");
    }

    // Elections

    static void leaderLatch(CuratorFramework client, CuratorFramework other) throws Exception {
        LeaderLatch first = new LeaderLatch(client, "/latch", "first");
        first.start();
        check(first.await(SECONDS, TimeUnit.SECONDS), "a leader");
        LeaderLatch second = new LeaderLatch(other, "/latch", "second");
        second.start();
        eventually("both take part", () -> first.getParticipants().size() == 2);
        check(!second.hasLeadership() && second.getLeader().getId().equals("first"), "one leader");
        first.close();
        check(second.await(SECONDS, TimeUnit.SECONDS), "the next leader");
        second.close();
    }

    static void leaderSelector(CuratorFramework client, CuratorFramework other) throws Exception {
        AtomicInteger leaders = new AtomicInteger();
        CountDownLatch turns = new CountDownLatch(6);
        List<LeaderSelector> selectors = new ArrayList<>();
        for (CuratorFramework one : Arrays.asList(client, other)) {
            LeaderSelector selector = new LeaderSelector(one, "/selector", new LeaderSelectorListenerAdapter() {
                @Override
                public void takeLeadership(CuratorFramework ignored) {
                    if (leaders.incrementAndGet() == 1) turns.countDown();
                    leaders.decrementAndGet();
                }
            });
            selector.autoRequeue();
            selector.start();
            selectors.add(selector);
        }
        check(turns.await(SECONDS, TimeUnit.SECONDS), "turns, one leader at a time");
        selectors.forEach(LeaderSelector::close);
    }

    // Barriers and counters

    static void barrier(CuratorFramework client, CuratorFramework other) throws Exception {
        DistributedBarrier barrier = new DistributedBarrier(client, "/barrier");
        barrier.setBarrier();
        DistributedBarrier theirs = new DistributedBarrier(other, "/barrier");
        check(!theirs.waitOnBarrier(100, TimeUnit.MILLISECONDS), "a barrier that is set");
        barrier.removeBarrier();
        check(theirs.waitOnBarrier(SECONDS, TimeUnit.SECONDS), "a barrier that is gone");
    }

    static void doubleBarrier(CuratorFramework client, CuratorFramework other) throws Exception {
        ExecutorService pool = Executors.newFixedThreadPool(2);
        List<Future<Boolean>> members = new ArrayList<>();
        for (CuratorFramework one : Arrays.asList(client, other)) {
            members.add(pool.submit(() -> {
                DistributedDoubleBarrier barrier = new DistributedDoubleBarrier(one, "/double", 2);
                return barrier.enter(SECONDS, TimeUnit.SECONDS) && barrier.leave(SECONDS, TimeUnit.SECONDS);
            }));
        }
        for (Future<Boolean> member : members) check(member.get(2 * SECONDS, TimeUnit.SECONDS), "enter and leave");
        pool.shutdown();
    }

    static void atomicLong(CuratorFramework client, CuratorFramework other) throws Exception {
        ExecutorService pool = Executors.newFixedThreadPool(4);
        List<Future<?>> workers = new ArrayList<>();
        for (int worker = 0; worker < 4; worker++) {
            DistributedAtomicLong value =
                    new DistributedAtomicLong(worker % 2 == 0 ? client : other, "/long", new RetryOneTime(1));
            workers.add(pool.submit(() -> {
                for (int i = 0; i < 25; ) if (value.increment().succeeded()) i++;
                return null;
            }));
        }
        for (Future<?> worker : workers) worker.get(2 * SECONDS, TimeUnit.SECONDS);
        pool.shutdown();
        long sum = new DistributedAtomicLong(client, "/long", new RetryOneTime(1)).get().postValue();
        check(sum == 100, "100 increments gave " + sum);
    }

    static void sharedCount(CuratorFramework client, CuratorFramework other) throws Exception {
        try (SharedCount mine = new SharedCount(client, "/count", 5);
                SharedCount theirs = new SharedCount(other, "/count", 5)) {
            mine.start();
            theirs.start();
            mine.setCount(7);
            eventually("the other sees it", () -> theirs.getCount() == 7);
            check(theirs.trySetCount(theirs.getVersionedValue(), 8), "the newest version");
            eventually("and back", () -> mine.getCount() == 8);
        }
    }

    // Queues

    static class Text implements QueueSerializer<String> {
        public byte[] serialize(String item) {
            return bytes(item);
        }

        public String deserialize(byte[] data) {
            return text(data);
        }
    }

    static void queue(CuratorFramework client, CuratorFramework other) throws Exception {
        LinkedBlockingQueue<String> taken = new LinkedBlockingQueue<>();
        QueueConsumer<String> consumer = new QueueConsumer<String>() {
            public void consumeMessage(String message) {
                taken.add(message);
            }

            public void stateChanged(CuratorFramework ignored, ConnectionState state) {
            }
        };
        try (DistributedQueue<String> producer = QueueBuilder.builder(client, null, new Text(), "/q").buildQueue();
                DistributedQueue<String> queue = QueueBuilder.builder(other, consumer, new Text(), "/q")
                        .lockPath("/q-locks").buildQueue()) {
            producer.start();
            for (int i = 0; i < 20; i++) producer.put("item-" + i);
            check(producer.flushPuts(SECONDS, TimeUnit.SECONDS), "puts");
            queue.start();
            for (int i = 0; i < 20; i++) {
                check(("item-" + i).equals(taken.poll(SECONDS, TimeUnit.SECONDS)), "the order of items");
            }
        }
    }

    static void simpleQueue(CuratorFramework client, CuratorFramework other) throws Exception {
        SimpleDistributedQueue queue = new SimpleDistributedQueue(client, "/sq");
        SimpleDistributedQueue theirs = new SimpleDistributedQueue(other, "/sq");
        check(queue.offer(bytes("1")) && queue.offer(bytes("2")), "offers");
        check(text(theirs.peek()).equals("1") && text(theirs.take()).equals("1"), "the first");
        check(text(theirs.poll(SECONDS, TimeUnit.SECONDS)).equals("2"), "the second");
        check(theirs.poll(100, TimeUnit.MILLISECONDS) == null, "an empty queue");
    }

    // Caches

    static void cache(CuratorFramework client, CuratorFramework other) throws Exception {
        other.create().creatingParentsIfNeeded().forPath("/c/a/b", bytes("1"));
        LinkedBlockingQueue<String> changes = new LinkedBlockingQueue<>();
        CountDownLatch ready = new CountDownLatch(1);
        try (CuratorCache cache = CuratorCache.build(client, "/c")) {
            cache.listenable().addListener(CuratorCacheListener.builder().forInitialized(ready::countDown).build());
            cache.listenable().addListener(CuratorCacheListener.builder()
                    .forCreates(node -> changes.add("created " + node.getPath()))
                    .forChanges((old, node) -> changes.add("changed " + node.getPath() + " " + text(node.getData())))
                    .forDeletes(node -> changes.add("deleted " + node.getPath())).afterInitialized().build());
            cache.start();
            check(ready.await(SECONDS, TimeUnit.SECONDS), "initialized");
            check(cache.size() == 3 && text(cache.get("/c/a/b").get().getData()).equals("1"), "the contents");
            other.create().forPath("/c/x");
            check("created /c/x".equals(changes.poll(SECONDS, TimeUnit.SECONDS)), "a new znode");
            other.setData().forPath("/c/a/b", bytes("2"));
            check("changed /c/a/b 2".equals(changes.poll(SECONDS, TimeUnit.SECONDS)), "new data");
            other.delete().forPath("/c/a/b");
            check("deleted /c/a/b".equals(changes.poll(SECONDS, TimeUnit.SECONDS)), "a znode that is gone");
        }
    }

    @SuppressWarnings("deprecation")
    static void childrenCache(CuratorFramework client, CuratorFramework other) throws Exception {
        other.create().creatingParentsIfNeeded().forPath("/pc/a", bytes("1"));
        try (PathChildrenCache cache = new PathChildrenCache(client, "/pc", true)) {
            cache.start(PathChildrenCache.StartMode.BUILD_INITIAL_CACHE);
            check(cache.getCurrentData().size() == 1, "the first contents");
            other.create().forPath("/pc/b", bytes("2"));
            other.setData().forPath("/pc/a", bytes("3"));
            eventually("the new contents", () -> cache.getCurrentData().size() == 2
                    && text(cache.getCurrentData("/pc/a").getData()).equals("3"));
        }
    }

    @SuppressWarnings("deprecation")
    static void treeCache(CuratorFramework client, CuratorFramework other) throws Exception {
        try (TreeCache cache = new TreeCache(client, "/tc")) {
            cache.start();
            other.create().creatingParentsIfNeeded().forPath("/tc/a/b", bytes("1"));
            eventually("the tree", () -> cache.getCurrentData("/tc/a/b") != null);
            other.delete().deletingChildrenIfNeeded().forPath("/tc/a");
            eventually("a subtree is gone", () -> cache.getCurrentChildren("/tc").isEmpty());
        }
    }

    // Members and sessions

    static void persistentNode(CuratorFramework client, CuratorFramework other) throws Exception {
        try (PersistentNode node =
                new PersistentNode(client, CreateMode.EPHEMERAL, false, "/persistent", bytes("here"))) {
            node.start();
            check(node.waitForInitialCreate(SECONDS, TimeUnit.SECONDS), "created");
            other.delete().forPath("/persistent");
            eventually("it is made again", () -> other.checkExists().forPath("/persistent") != null);
        }
        eventually("it is gone", () -> other.checkExists().forPath("/persistent") == null);
    }

    static void groupMember(CuratorFramework client, CuratorFramework other) throws Exception {
        try (GroupMember one = new GroupMember(client, "/group", "one")) {
            one.start();
            try (GroupMember two = new GroupMember(other, "/group", "two", bytes("data"))) {
                two.start();
                eventually("both are members", () -> one.getCurrentMembers().size() == 2
                        && text(one.getCurrentMembers().get("two")).equals("data"));
            }
            eventually("one is left", () -> one.getCurrentMembers().size() == 1);
        }
    }

    /** A second connection takes the session over and closes it: the client notices and begins another one. */
    static void expiry(CuratorFramework client, CuratorFramework other) throws Exception {
        LinkedBlockingQueue<ConnectionState> states = new LinkedBlockingQueue<>();
        client.getConnectionStateListenable().addListener((c, state) -> states.add(state));
        client.create().withMode(CreateMode.EPHEMERAL).forPath("/mine");
        ZooKeeper session = client.getZookeeperClient().getZooKeeper();
        long id = session.getSessionId();
        String server = client.getZookeeperClient().getCurrentConnectionString();
        CountDownLatch connected = new CountDownLatch(1);
        ZooKeeper twin = new ZooKeeper(server, 10_000, event -> {
            if (event.getState() == Watcher.Event.KeeperState.SyncConnected) connected.countDown();
        }, id, session.getSessionPasswd());
        check(connected.await(SECONDS, TimeUnit.SECONDS), "the session moves");
        twin.close();
        eventually("the ephemeral znode is gone", () -> other.checkExists().forPath("/mine") == null);
        eventually("the loss is told", () -> states.contains(ConnectionState.LOST));
        eventually("another session", () -> client.getZookeeperClient().isConnected()
                && client.getZookeeperClient().getZooKeeper().getSessionId() != id);
        client.create().withMode(CreateMode.EPHEMERAL).forPath("/mine");
    }
}
