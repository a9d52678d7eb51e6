import com.tigertally.client.CallOptions;
import com.tigertally.client.ChannelCredentials;
import com.tigertally.client.CredentialsException;
import com.tigertally.client.NoAnswerException;
import com.tigertally.client.OutcomeUnknownException;
import com.tigertally.client.Request;
import com.tigertally.client.Resolution;
import com.tigertally.client.Response;
import com.tigertally.client.Statistics;
import com.tigertally.client.Ticket;
import com.tigertally.client.TigertallyClient;
import com.tigertally.client.messages.QueryUserRequest;
import com.tigertally.client.messages.QueryUserResponse;
import com.tigertally.client.messages.RegisterUserRequest;
import com.tigertally.client.messages.VerifyOtpRequest;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Paths;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;

/** The Java library's agent; see README.md. */
public final class Agent {
    private final TigertallyClient client;

    private Agent(TigertallyClient client) {
        this.client = client;
    }

    public static void main(String[] arguments) throws Exception {
        Map<String, Long> options = new HashMap<>();
        for (int i = 1; i < arguments.length; i++) {
            String[] parts = arguments[i].split("=");
            options.put(parts[0], Long.valueOf(parts[1]));
        }
        ChannelCredentials credentials;
        try {
            credentials = ChannelCredentials.load(Paths.get(arguments[0]));
        } catch (CredentialsException problem) {
            say("- credentials " + problem.getMessage());
            System.exit(2);
            return;
        }
        long skew = options.getOrDefault("skew_ms", 0L);
        try (TigertallyClient client = TigertallyClient.builder(credentials)
                .timeout(Duration.ofMillis(options.getOrDefault("timeout_ms", 5000L)))
                .attemptTimeout(Duration.ofMillis(options.getOrDefault("attempt_ms", 2000L)))
                .connectTimeout(Duration.ofMillis(options.getOrDefault("connect_ms", 5000L)))
                .heartbeatTimeout(Duration.ofMillis(options.getOrDefault("heartbeat_ms", 5000L)))
                .clientName("agent-java")
                .clock(() -> System.currentTimeMillis() + skew)
                .build()) {
            new Agent(client).run();
        }
        System.exit(0);
    }

    private static synchronized void say(String line) {
        System.out.println(line);
        System.out.flush();
    }

    private void run() throws IOException, InterruptedException {
        ExecutorService threads = Executors.newCachedThreadPool();
        BufferedReader in = new BufferedReader(new InputStreamReader(System.in, StandardCharsets.US_ASCII));
        for (String line = in.readLine(); line != null && !line.equals("quit"); line = in.readLine()) {
            String[] words = line.split(" ");
            threads.execute(() -> say(words[0] + " " + carryOut(words)));
        }
        threads.shutdown();
        threads.awaitTermination(60, TimeUnit.SECONDS);
    }

    private String carryOut(String[] words) {
        try {
            return answered(words);
        } catch (OutcomeUnknownException problem) {
            return "unknown " + problem.ticket().serial() + " " + problem.ticket().businessDay();
        } catch (NoAnswerException problem) {
            return "not-executed " + problem.reason();
        } catch (Exception problem) {
            return "not-executed " + problem.getMessage();
        }
    }

    private String answered(String[] words) throws Exception {
        switch (words[1]) {
            case "ready":
                return "ready " + (client.awaitReady(Duration.ofMillis(Long.parseLong(words[2]))) ? "yes" : "no");
            case "verify":
                return asked(new VerifyOtpRequest().customer(words[2]).otp(words[3]), CallOptions.DEFAULT);
            case "again":
                Ticket ticket = new Ticket(Long.parseLong(words[2]), Integer.parseInt(words[3]), true);
                VerifyOtpRequest same = new VerifyOtpRequest().customer(words[4]).otp(words[5]);
                return asked(same, CallOptions.DEFAULT.ticket(ticket));
            case "register":
                String name = new String(octets(words[3]), StandardCharsets.UTF_8);
                return asked(new RegisterUserRequest().customer(words[2]).name(name), CallOptions.DEFAULT);
            case "name":
                QueryUserResponse user = client.call(new QueryUserRequest().customer(words[2]));
                return user.isSuccess() ? "name " + hex(user.name().reveal()) : told(user);
            case "resolve":
                Resolution found = client.resolve(
                        new Ticket(Long.parseLong(words[2]), Integer.parseInt(words[3]), true));
                return "resolved " + found.execution() + " " + found.result().map(Enum::name).orElse("-");
            case "stats":
                return stats(client.statistics());
            case "load":
                return "load " + load(Integer.parseInt(words[2]), Integer.parseInt(words[3]), words[4]);
            default:
                throw new IllegalArgumentException(words[1]);
        }
    }

    private <R extends Response> String asked(Request<R> request, CallOptions options) throws OutcomeUnknownException {
        return told(client.call(request, options));
    }

    private static String told(Response answer) {
        return "answer " + answer.code() + " " + answer.requestSerial() + " " + answer.requestDay() + " "
                + answer.tries();
    }

    private static String stats(Statistics s) {
        return "stats calls=" + s.calls() + " answered=" + s.answered() + " frames_sent=" + s.framesSent()
                + " retries=" + s.retries() + " put_off=" + s.putOff() + " late_answers=" + s.lateAnswers()
                + " outcomes_unknown=" + s.outcomesUnknown() + " no_answers=" + s.noAnswers()
                + " connects=" + s.connects() + " connect_failures=" + s.connectFailures()
                + " connections_lost=" + s.connectionsLost() + " drains=" + s.drains()
                + " key_changes=" + s.keyChanges() + " heartbeats=" + s.heartbeats() + " rejects=" + s.rejects()
                + " forged_rejects=" + s.forgedRejects();
    }

    private long load(int inFlight, int calls, String customer) throws InterruptedException {
        AtomicInteger left = new AtomicInteger(calls);
        CountDownLatch done = new CountDownLatch(inFlight);
        long start = System.nanoTime();
        for (int i = 0; i < inFlight; i++) {
            next(left, done, customer);
        }
        done.await();
        return System.nanoTime() - start;
    }

    private void next(AtomicInteger left, CountDownLatch done, String customer) {
        if (left.getAndDecrement() <= 0) {
            done.countDown();
            return;
        }
        client.submit(new QueryUserRequest().customer(customer)).whenComplete((answer, problem) -> {
            if (problem != null) {
                problem.printStackTrace();
            }
            next(left, done, customer);
        });
    }

    private static byte[] octets(String text) {
        byte[] octets = new byte[text.length() / 2];
        for (int i = 0; i < octets.length; i++) {
            octets[i] = (byte) Integer.parseInt(text.substring(2 * i, 2 * i + 2), 16);
        }
        return octets;
    }

    private static String hex(String text) {
        StringBuilder digits = new StringBuilder();
        for (byte octet : text.getBytes(StandardCharsets.UTF_8)) {
            digits.append(String.format("%02x", octet));
        }
        return digits.toString();
    }
}
