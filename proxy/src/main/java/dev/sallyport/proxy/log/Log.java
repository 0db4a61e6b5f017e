package dev.sallyport.proxy.log;

import com.fasterxml.jackson.core.JsonGenerator;
import java.io.IOException;
import java.io.PrintStream;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.atomic.AtomicLong;

/**
 * The process's diagnostics: {@code {"time","level","message",…}}, one line each, on standard error. Callers on event loops never block: a line goes into a bounded queue, and when
 * it is full it is counted instead, and the count is the next line. Never pass a key, a token or a header value.
 */
public final class Log {
    /** Enough for a burst of refused handshakes; more says nothing new. */
    static final int QUEUE_LINES = 1024;

    private static final Log PROCESS = new Log(System.err);

    private static volatile Level level = Level.INFO;

    private final PrintStream out;
    private final BlockingQueue<String> queue = new ArrayBlockingQueue<>(QUEUE_LINES);
    private final AtomicLong dropped = new AtomicLong();
    // Lines offered and lines written: flush() waits until the second has caught up with the first.
    private final AtomicLong offered = new AtomicLong();
    private volatile long written;

    Log(PrintStream out) {
        this.out = out;
        Thread.ofPlatform().name("log").daemon().start(this::write);
    }

    public static Level level() {
        return level;
    }

    /** Of every line from now on. Any thread. */
    public static void level(Level least) {
        level = least;
    }

    /** To be asked before {@link #debug}, whose arguments cost something. */
    public static boolean debugs() {
        return level == Level.DEBUG;
    }

    /** One refusal or failure, for whoever looks into it now. */
    public static void debug(String message, Object... fields) {
        PROCESS.add(Level.DEBUG, message, fields);
    }

    /** {@code fields}: names and values in turn; numbers and booleans stay such, all else by {@code toString}. */
    public static void info(String message, Object... fields) {
        PROCESS.add(Level.INFO, message, fields);
    }

    /** Something that an operator should look at, while service goes on. */
    public static void warn(String message, Object... fields) {
        PROCESS.add(Level.WARN, message, fields);
    }

    public static void error(String message, Object... fields) {
        PROCESS.add(Level.ERROR, message, fields);
    }

    /** A defect of ours, with its stack, which appears nowhere else. */
    public static void defect(String message, Throwable cause) {
        StringWriter stack = new StringWriter();
        cause.printStackTrace(new PrintWriter(stack));
        PROCESS.add(Level.ERROR, message, "stack", stack);
    }

    /** Waits until what was logged so far is written, at most {@code limit}. For the end of the process; never on an event loop. */
    public static void flush(Duration limit) {
        PROCESS.awaitWritten(limit);
    }

    void add(Level of, String message, Object... fields) {
        if (of.compareTo(level) < 0) {
            return;
        }
        String line = line(of, message, fields);
        if (queue.offer(line)) {
            offered.incrementAndGet();
        } else {
            dropped.incrementAndGet();
        }
    }

    static String line(Level of, String message, Object... fields) {
        return JsonText.object(json -> {
            json.writeStringField("time", Instant.now().toString());
            json.writeStringField("level", of.word());
            json.writeStringField("message", message);
            for (int i = 0; i + 1 < fields.length; i += 2) {
                json.writeFieldName(fields[i].toString());
                writeValue(json, fields[i + 1]);
            }
        });
    }

    private static void writeValue(JsonGenerator json, Object value) throws IOException {
        switch (value) {
            case Integer n -> json.writeNumber(n);
            case Long n -> json.writeNumber(n);
            case Boolean b -> json.writeBoolean(b);
            default -> json.writeString(value.toString());
        }
    }

    void awaitWritten(Duration limit) {
        long target = offered.get();
        long end = System.nanoTime() + limit.toNanos();
        while (written < target && System.nanoTime() < end) {
            try {
                Thread.sleep(1);
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                return;
            }
        }
    }

    @SuppressWarnings("NonAtomicVolatileUpdate") // only this thread writes it
    private void write() {
        try {
            while (true) {
                print(queue.take());
                long missing = dropped.getAndSet(0);
                if (missing > 0) {
                    print(line(Level.WARN, "log lines dropped", "count", missing));
                }
                if (queue.isEmpty()) {
                    out.flush();
                }
                written++;
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private void print(String line) {
        byte[] bytes = (line + "\n").getBytes(StandardCharsets.UTF_8);
        out.write(bytes, 0, bytes.length);
    }
}
