package dev.sallyport.proxy.log;

import io.netty.util.internal.logging.InternalLoggerFactory;
import io.netty.util.internal.logging.JdkLoggerFactory;
import java.util.logging.Handler;
import java.util.logging.Level;
import java.util.logging.LogRecord;
import java.util.logging.Logger;
import java.util.logging.SimpleFormatter;

/** Warnings of libraries (Netty, Micrometer), which reach {@link Log} by way of {@code java.util.logging}. */
public final class LibraryLogs extends Handler {
    // Only its formatMessage is used: {0} and resource bundles, no layout.
    private static final SimpleFormatter FORMATTER = new SimpleFormatter();

    private LibraryLogs() {}

    /** To be called before the first class of Netty is used. */
    public static void install() {
        Logger root = Logger.getLogger("");
        for (Handler handler : root.getHandlers()) {
            root.removeHandler(handler);
        }
        root.setLevel(Level.WARNING);
        root.addHandler(new LibraryLogs());
        InternalLoggerFactory.setDefaultFactory(JdkLoggerFactory.INSTANCE);
    }

    @Override
    public void publish(LogRecord record) {
        Throwable thrown = record.getThrown();
        String message = text(record);
        String logger = String.valueOf(record.getLoggerName());
        if (thrown == null) {
            Log.warn(message, "logger", logger);
        } else {
            Log.warn(message, "logger", logger, "cause", thrown);
        }
    }

    static String text(LogRecord record) {
        return FORMATTER.formatMessage(record);
    }

    @Override
    public void flush() {}

    @Override
    public void close() {}
}
