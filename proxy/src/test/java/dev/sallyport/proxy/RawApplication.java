package dev.sallyport.proxy;

import dev.sallyport.document.HostPort;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.IntSupplier;
import java.util.stream.Collectors;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLSocket;

/** An application, or another service's sidecar, of bytes: remembers each that reached it, and answers exactly what its script says. */
final class RawApplication implements AutoCloseable {
    /** What happens on one connection; closes nothing by itself. */
    interface Script {
        void run(Visit visit) throws IOException;
    }

    static final String OK = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok";

    /** Every request whole, then {@link #OK}. */
    static final Script ANSWERS = visit -> {
        while (true) {
            boolean head = visit.request().startsWith("HEAD ");
            visit.send(head ? OK.substring(0, OK.length() - 2) : OK);
        }
    };

    /** Every request whole, then its head as the body: whoever asked reads what reached the application for it, and for nobody else. */
    static final Script ECHOES = visit -> {
        while (true) {
            String request = visit.request();
            String head = request.substring(0, request.indexOf("\r\n\r\n") + 4);
            visit.send("HTTP/1.1 200 OK\r\nContent-Length: " + head.length() + "\r\n\r\n" + head);
        }
    };

    final List<Visit> visits = new CopyOnWriteArrayList<>();
    volatile Script script = ANSWERS;
    private volatile CountDownLatch gate = new CountDownLatch(0);
    private final AtomicInteger accepted = new AtomicInteger();
    private final ServerSocket server;
    private final Optional<SSLContext> tls;

    private RawApplication(Optional<SSLContext> tls) throws IOException {
        this.tls = tls;
        server = new ServerSocket(0, 100, InetAddress.getLoopbackAddress());
        Thread.ofPlatform().daemon().start(this::accept);
    }

    static RawApplication plain() throws IOException {
        return new RawApplication(Optional.empty());
    }

    static RawApplication tls(SSLContext context) throws IOException {
        return new RawApplication(Optional.of(context));
    }

    /** Accepts and says nothing, not even a handshake, before {@link #release}. */
    RawApplication held() {
        gate = new CountDownLatch(1);
        return this;
    }

    void release() {
        gate.countDown();
    }

    /** Connections so far. */
    int accepted() {
        return accepted.get();
    }

    private void accept() {
        try {
            while (true) {
                Socket raw = server.accept();
                raw.setTcpNoDelay(true);
                accepted.incrementAndGet();
                Thread.ofPlatform().daemon().start(() -> visit(raw));
            }
        } catch (IOException closed) {
            // By the test.
        }
    }

    private void visit(Socket raw) {
        try {
            gate.await();
            Visit visit = new Visit(raw, tls.isPresent() ? secured(tls.get(), raw) : raw);
            visits.add(visit);
            Thread.ofPlatform().daemon().start(visit::listen);
            visit.play(script);
        } catch (IOException | InterruptedException closed) {
            // By the test.
        }
    }

    private static SSLSocket secured(SSLContext context, Socket raw) throws IOException {
        SSLSocket socket = (SSLSocket) context.getSocketFactory().createSocket(raw, null, raw.getPort(), true);
        socket.setUseClientMode(false);
        socket.setNeedClientAuth(true);
        return socket;
    }

    HostPort address() {
        return new HostPort("127.0.0.1", server.getLocalPort());
    }

    /** Every byte of every connection. */
    String received() {
        return visits.stream().map(Visit::received).collect(Collectors.joining());
    }

    void forget() {
        forgetVisits();
        script = ANSWERS;
    }

    /** The script stays. */
    void forgetVisits() {
        visits.forEach(Visit::close);
        visits.clear();
    }

    /** Visits that are over: a long run would keep every byte of them. */
    void forgetEnded() {
        visits.removeIf(Visit::ended);
    }

    @Override
    public void close() {
        try {
            server.close();
        } catch (IOException e) {
            throw new IllegalStateException(e);
        }
        visits.forEach(Visit::close);
    }

    /** One connection of the sidecar to it. */
    static final class Visit {
        private static final long PATIENCE_NANOS = TimeUnit.SECONDS.toNanos(10);

        private final Socket raw;
        private final Socket socket;
        private final StringBuilder received = new StringBuilder();
        private int read;
        private boolean ended;
        private boolean deaf;

        private Visit(Socket raw, Socket socket) {
            this.raw = raw;
            this.socket = socket;
        }

        private void listen() {
            byte[] buffer = new byte[1 << 16];
            try {
                InputStream in = socket.getInputStream();
                for (int n = in.read(buffer); n >= 0; n = in.read(buffer)) {
                    heard(new String(buffer, 0, n, StandardCharsets.ISO_8859_1));
                }
            } catch (IOException | InterruptedException cut) {
                // An end as well.
            }
            end();
        }

        private synchronized void end() {
            ended = true;
            notifyAll();
        }

        /** From now on nothing is read. */
        synchronized void deafen() {
            deaf = true;
        }

        private synchronized void heard(String text) throws InterruptedException {
            while (deaf) {
                wait();
            }
            received.append(text);
            notifyAll();
        }

        private void play(Script script) {
            try {
                script.run(this);
            } catch (IOException gone) {
                // The sidecar has closed.
            }
        }

        synchronized String received() {
            return received.toString();
        }

        /** Whether the sidecar has closed it. */
        synchronized boolean ended() {
            return ended;
        }

        /** The next bytes, until {@code end} is among them. */
        String until(String end) throws IOException {
            return next(() -> {
                int at = received.indexOf(end, read);
                return at < 0 ? -1 : at + end.length();
            });
        }

        /** The next so many bytes. */
        String take(int bytes) throws IOException {
            return next(() -> received.length() < read + bytes ? -1 : read + bytes);
        }

        private synchronized String next(IntSupplier end) throws IOException {
            long deadline = System.nanoTime() + PATIENCE_NANOS;
            int to = end.getAsInt();
            while (to < 0) {
                long left = TimeUnit.NANOSECONDS.toMillis(deadline - System.nanoTime());
                if (ended || left <= 0) {
                    throw new IOException((ended ? "closed" : "nothing more") + " after: " + received.substring(read));
                }
                try {
                    wait(left);
                } catch (InterruptedException e) {
                    throw new IOException(e);
                }
                to = end.getAsInt();
            }
            String text = received.substring(read, to);
            read = to;
            return text;
        }

        /** A whole request with its body. */
        String request() throws IOException {
            String head = until("\r\n\r\n");
            String lower = head.toLowerCase(java.util.Locale.ROOT);
            int length = lower.indexOf("\r\ncontent-length: ");
            if (length >= 0) {
                int from = length + "\r\ncontent-length: ".length();
                return head + take(Integer.parseInt(head.substring(from, head.indexOf('\r', from))));
            }
            return lower.contains("\r\ntransfer-encoding: chunked\r\n") ? head + chunks() : head;
        }

        private String chunks() throws IOException {
            StringBuilder body = new StringBuilder();
            int size = -1;
            while (size != 0) {
                String line = until("\r\n");
                size = Integer.parseInt(line.trim(), 16);
                body.append(line).append(size > 0 ? take(size) + until("\r\n") : "");
            }
            String trailer = until("\r\n");
            body.append(trailer);
            while (!trailer.equals("\r\n")) {
                trailer = until("\r\n");
                body.append(trailer);
            }
            return body.toString();
        }

        Visit send(String bytes) throws IOException {
            socket.getOutputStream().write(bytes.getBytes(StandardCharsets.ISO_8859_1));
            socket.getOutputStream().flush();
            return this;
        }

        /** In order: FIN, and over TLS close_notify before it. */
        synchronized void close() {
            deaf = false;
            notifyAll();
            try {
                socket.close();
            } catch (IOException e) {
                // Closed already.
            }
        }

        /** Without a word: in the clear by a reset, over TLS without close_notify. */
        void cut() {
            try {
                raw.setSoLinger(true, 0);
                raw.close();
            } catch (IOException e) {
                // Closed already.
            }
        }
    }
}
