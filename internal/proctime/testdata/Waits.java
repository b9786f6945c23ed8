import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Executors;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;

/** Seven kinds of wait of 60 s each, by Java's own clock: 420 s. Each prints a line of JSON. */
public class Waits {
    interface Wait {
        Object make() throws Exception;
    }

    static void make(String name, Wait wait) {
        long began = System.nanoTime();
        String said;
        try {
            said = String.valueOf(wait.make());
        } catch (ExecutionException e) {
            said = e.getCause().getClass().getSimpleName();
        } catch (Exception e) {
            said = e.getClass().getSimpleName();
        }
        long took = System.nanoTime() - began;
        System.out.println("{\"name\":\"" + name + "\",\"took\":" + took + ",\"said\":\"" + said + "\"}");
    }

    static Object sleep() throws Exception {
        Thread.sleep(60_000);
        return "done";
    }

    static Object await() throws Exception {
        Object lock = new Object();
        synchronized (lock) {
            lock.wait(60_000);
        }
        return "done";
    }

    static Object schedule() throws Exception {
        var scheduler = Executors.newSingleThreadScheduledExecutor();
        Object said = scheduler.schedule(() -> "done", 60, TimeUnit.SECONDS).get();
        scheduler.shutdown();
        return said;
    }

    static Object client(URI uri) throws Exception {
        var request = HttpRequest.newBuilder(uri).timeout(Duration.ofSeconds(60)).build();
        return HttpClient.newHttpClient().send(request, HttpResponse.BodyHandlers.ofString());
    }

    static Object connection(URI uri) throws Exception {
        var connection = uri.toURL().openConnection();
        connection.setReadTimeout(60_000);
        return connection.getInputStream();
    }

    public static void main(String[] args) throws Exception {
        var silent = new ServerSocket(0, 50, InetAddress.getLoopbackAddress());
        var uri = URI.create("http://127.0.0.1:" + silent.getLocalPort() + "/");
        make("sleep", Waits::sleep);
        make("wait", Waits::await);
        make("poll", () -> new LinkedBlockingQueue<String>().poll(60, TimeUnit.SECONDS));
        make("schedule", Waits::schedule);
        make("HttpClient", () -> client(uri));
        make("URLConnection", () -> connection(uri));
        make("orTimeout", () -> new CompletableFuture<String>().orTimeout(60, TimeUnit.SECONDS).get());
        System.exit(0);
    }
}
