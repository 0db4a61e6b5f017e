package dev.sallyport.benchmarks.pair;

import static java.nio.charset.StandardCharsets.US_ASCII;

import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.file.Files;
import java.nio.file.Path;

/** A program that stands for a proxy: {@code PORT}, then {@code dies} for one that never listens. Keeps {@code state-late}; its first answer is 503, all others 200; ends with its standard input. */
final class LateServer {
    private LateServer() {}

    public static void main(String[] args) throws IOException {
        if (args.length > 1) {
            System.err.println("no reason to live");
            System.exit(3);
        }
        Files.createDirectories(Path.of("state-late"));
        ServerSocket server = new ServerSocket(Integer.parseInt(args[0]), 50, InetAddress.getLoopbackAddress());
        Thread.ofPlatform().daemon().start(() -> serve(server));
        System.out.println("ready");
        while (System.in.read() >= 0) {
            // Until whoever started us is gone.
        }
    }

    private static void serve(ServerSocket server) {
        String status = "503 Service Unavailable";
        while (true) {
            try (Socket socket = server.accept()) {
                if (socket.getInputStream().read(new byte[4096]) > 0) {
                    socket.getOutputStream()
                            .write(("HTTP/1.1 " + status + "\r\ncontent-length: 0\r\n\r\n").getBytes(US_ASCII));
                    status = "200 OK";
                }
            } catch (IOException e) {
                return;
            }
        }
    }
}
