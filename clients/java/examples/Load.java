import com.tigertally.client.ChannelCredentials;
import com.tigertally.client.TigertallyClient;
import com.tigertally.client.messages.QueryUserRequest;
import java.nio.file.Paths;
import java.time.Duration;
import java.util.Arrays;
import java.util.concurrent.Semaphore;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * Keeps so many questions in flight for so many seconds, without a thread for each, and tells how that went.
 *
 * <pre>java -cp target/tigertally-client-0.1.0.jar examples/Load.java channel.json C0001 64 10</pre>
 */
public final class Load {
    private Load() {}

    public static void main(String[] arguments) throws InterruptedException {
        if (arguments.length != 4) {
            System.err.println("usage: Load CREDENTIALS CUSTOMER IN_FLIGHT SECONDS");
            System.exit(64);
        }
        ChannelCredentials credentials = ChannelCredentials.load(Paths.get(arguments[0]));
        String customer = arguments[1];
        int inFlight = Integer.parseInt(arguments[2]);
        long seconds = Long.parseLong(arguments[3]);
        try (TigertallyClient client = TigertallyClient.builder(credentials).callbacks(Runnable::run).build()) {
            if (!client.awaitReady(Duration.ofSeconds(5))) {
                System.err.println(client.statistics().lastProblem());
                System.exit(69);
            }
            Semaphore room = new Semaphore(inFlight);
            AtomicInteger failed = new AtomicInteger();
            long[] micros = new long[1 << 20];
            AtomicInteger answered = new AtomicInteger();
            long end = System.nanoTime() + seconds * 1_000_000_000L;
            while (System.nanoTime() < end) {
                room.acquire();
                long begun = System.nanoTime();
                client.submit(new QueryUserRequest().customer(customer)).whenComplete((answer, problem) -> {
                    room.release();
                    if (problem == null) {
                        micros[answered.getAndIncrement() & micros.length - 1] = (System.nanoTime() - begun) / 1000;
                    } else {
                        failed.incrementAndGet();
                    }
                });
            }
            room.acquire(inFlight);
            int count = answered.get();
            long[] sorted = Arrays.copyOf(micros, Math.min(count, micros.length));
            Arrays.sort(sorted);
            System.out.printf("%d answered, %d not; %d a second%n", count, failed.get(), count / seconds);
            if (sorted.length > 0) {
                System.out.printf("half within %d µs, 99 of 100 within %d µs%n",
                        sorted[sorted.length / 2], sorted[sorted.length * 99 / 100]);
            }
            System.out.println(client.statistics());
        }
    }
}
