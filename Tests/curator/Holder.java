import java.io.BufferedReader;
import java.io.InputStreamReader;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.apache.curator.framework.CuratorFramework;
import org.apache.curator.framework.CuratorFrameworkFactory;
import org.apache.curator.framework.recipes.barriers.DistributedDoubleBarrier;
import org.apache.curator.framework.recipes.leader.LeaderLatch;
import org.apache.curator.framework.recipes.leader.LeaderSelector;
import org.apache.curator.framework.recipes.leader.LeaderSelectorListenerAdapter;
import org.apache.curator.framework.recipes.locks.InterProcessMutex;
import org.apache.curator.framework.recipes.locks.InterProcessReadWriteLock;
import org.apache.curator.framework.recipes.locks.InterProcessSemaphoreV2;
import org.apache.curator.framework.recipes.locks.Lease;
import org.apache.curator.framework.recipes.nodes.GroupMember;
import org.apache.curator.framework.recipes.queue.SimpleDistributedQueue;
import org.apache.curator.retry.RetryOneTime;

/**
 * Holds what Curator's recipes grant. Each line of standard input is a recipe and a path: it prints "held PATH" when it
 * has it, and gives it back at the line "end PATH", whereupon it prints "ended PATH".
 */
public class Holder {
    static final Map<String, CountDownLatch> ENDS = new HashMap<>();
    static CuratorFramework client;

    public static void main(String[] arguments) throws Exception {
        client = CuratorFrameworkFactory.newClient(arguments[0], new RetryOneTime(100));
        client.start();
        BufferedReader input = new BufferedReader(new InputStreamReader(System.in));
        System.out.println("ready");
        for (String line = input.readLine(); line != null; line = input.readLine()) {
            String[] words = line.split(" ");
            if (words[0].equals("end")) {
                ENDS.get(words[1]).countDown();
                continue;
            }
            CountDownLatch end = new CountDownLatch(1);
            ENDS.put(words[1], end);
            Thread thread = new Thread(() -> {
                try {
                    hold(words[0], words[1], end);
                    System.out.println("ended " + words[1]);
                } catch (Exception error) {
                    System.out.println("failed " + words[1] + " " + error);
                }
            });
            thread.setDaemon(true);
            thread.start();
        }
        client.close();
    }

    static void held(String path, CountDownLatch end) throws InterruptedException {
        System.out.println("held " + path);
        end.await(120, TimeUnit.SECONDS);
    }

    static void hold(String recipe, String path, CountDownLatch end) throws Exception {
        switch (recipe) {
            case "InterProcessMutex":
                mutex(new InterProcessMutex(client, path), path, end);
                break;
            case "InterProcessReadWriteLock.writeLock":
                mutex(new InterProcessReadWriteLock(client, path).writeLock(), path, end);
                break;
            case "InterProcessReadWriteLock.readLock":
                mutex(new InterProcessReadWriteLock(client, path).readLock(), path, end);
                break;
            case "InterProcessSemaphoreV2":
                InterProcessSemaphoreV2 semaphore = new InterProcessSemaphoreV2(client, path, 1);
                Lease lease = semaphore.acquire();
                held(path, end);
                semaphore.returnLease(lease);
                break;
            case "LeaderLatch":
                try (LeaderLatch latch = new LeaderLatch(client, path, "curator")) {
                    latch.start();
                    latch.await();
                    held(path, end);
                }
                break;
            case "LeaderSelector":
                LeaderSelector selector = new LeaderSelector(client, path, new LeaderSelectorListenerAdapter() {
                    @Override
                    public void takeLeadership(CuratorFramework client) throws Exception {
                        held(path, end);
                    }
                });
                selector.start();
                end.await(120, TimeUnit.SECONDS);
                selector.close();
                break;
            case "DistributedDoubleBarrier":
                DistributedDoubleBarrier barrier = new DistributedDoubleBarrier(client, path, 2);
                barrier.enter();
                System.out.println("held " + path);
                barrier.leave();
                break;
            case "GroupMember":
                try (GroupMember member = new GroupMember(client, path, "curator")) {
                    member.start();
                    while (member.getCurrentMembers().size() < 2) Thread.sleep(10);
                    held(path, end);
                }
                break;
            case "SimpleDistributedQueue":
                SimpleDistributedQueue queue = new SimpleDistributedQueue(client, path);
                System.out.println("took " + new String(queue.take()));
                queue.offer("curator".getBytes());
                held(path, end);
                break;
            default: throw new IllegalArgumentException(recipe);
        }
    }

    static void mutex(InterProcessMutex mutex, String path, CountDownLatch end) throws Exception {
        mutex.acquire();
        held(path, end);
        mutex.release();
    }
}
