import com.tigertally.client.ChannelCredentials;
import com.tigertally.client.NotExecutedException;
import com.tigertally.client.OutcomeUnknownException;
import com.tigertally.client.Resolution;
import com.tigertally.client.TigertallyClient;
import com.tigertally.client.messages.VerifyOtpResponse;
import java.io.Console;
import java.nio.file.Paths;
import java.util.Scanner;

/**
 * Verifies one code, and shows what to do with each of the three endings.
 *
 * <pre>java -cp target/tigertally-client-0.1.0.jar examples/VerifyOtp.java channel.json C0001</pre>
 */
public final class VerifyOtp {
    private VerifyOtp() {}

    public static void main(String[] arguments) {
        if (arguments.length != 2) {
            System.err.println("usage: VerifyOtp CREDENTIALS CUSTOMER, the code is asked for");
            System.exit(64);
        }
        ChannelCredentials credentials = ChannelCredentials.load(Paths.get(arguments[0]));
        String code = ask();
        try (TigertallyClient client = TigertallyClient.builder(credentials).build()) {
            try {
                VerifyOtpResponse answer = client.verifyOtp(arguments[1], code);
                // 1. An answer: only "approved" lets the customer in.
                System.out.println(answer.isApproved() ? "approved" : "refused: " + answer.code().text());
                answer.entry().ifPresent(entry -> System.out.println("recorded as entry " + entry));
            } catch (OutcomeUnknownException unknown) {
                // 2. Nobody knows yet: find out, or make sure that it never happens. Never guess.
                Resolution found = client.resolve(unknown.ticket());
                System.out.println("first unknown, then " + found);
            }
        } catch (NotExecutedException problem) {
            // 3. Certainly not executed: the code is unused, ask again.
            System.out.println(problem.getMessage());
        } catch (OutcomeUnknownException unknown) {
            System.out.println("still unknown; write down " + unknown.ticket() + " and resolve it later");
        }
    }

    private static String ask() {
        Console console = System.console();
        if (console != null) {
            return new String(console.readPassword("code: "));
        }
        return new Scanner(System.in, "US-ASCII").nextLine();
    }
}
