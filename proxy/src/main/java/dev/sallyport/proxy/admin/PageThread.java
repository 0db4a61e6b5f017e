package dev.sallyport.proxy.admin;

import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;

/** Where pages are made that cost more than a look: one at a time, so that whoever scrapes too often or dumps too much keeps himself waiting, and no event loop. There is no thread while nobody asks. */
public final class PageThread extends ThreadPoolExecutor {
    private static final int WAITING_MAX = 128;
    private static final int IDLE_SECONDS = 60;

    /** Where {@link #WAITING_MAX} wait already, {@code execute} throws RejectedExecutionException. */
    @SuppressWarnings("this-escape") // into the JDK's own, and nothing is ready to run yet
    public PageThread() {
        super(
                1,
                1,
                IDLE_SECONDS,
                TimeUnit.SECONDS,
                new ArrayBlockingQueue<>(WAITING_MAX),
                Thread.ofPlatform().name("pages").daemon().factory());
        allowCoreThreadTimeOut(true);
    }
}
