package dev.sallyport.benchmarks.pair;

import dev.sallyport.benchmarks.load.Backend;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;

/** The one backend behind every configuration, a JVM of its own: what it costs must not hide in the load generator's account. */
public record BackendProcess(InetSocketAddress address, Part part) {
    private static final Duration READY = Duration.ofSeconds(30);

    public static BackendProcess start(Workplace workplace) throws IOException, InterruptedException {
        Child child = workplace.start(
                "backend",
                workplace.folder().resolve("backend.log"),
                new ProcessBuilder(
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        "-XX:+UseSerialGC",
                        "-Xmx128m",
                        "--sun-misc-unsafe-memory-access=allow",
                        "--enable-native-access=ALL-UNNAMED",
                        "-Dio.netty.leakDetection.level=disabled",
                        "-cp",
                        System.getProperty("java.class.path"),
                        Backend.class.getName()));
        int port = Integer.parseInt(child.firstLine(READY));
        return new BackendProcess(
                new InetSocketAddress(InetAddress.getLoopbackAddress(), port), new Part("backend", child.pids()));
    }

    /** The configuration without proxies. */
    public Pair.Starter direct() {
        return new Pair.Starter() {
            @Override
            public String name() {
                return "direct";
            }

            @Override
            public Pair start() {
                return new Pair(name(), address, List.of(), () -> {});
            }
        };
    }
}
