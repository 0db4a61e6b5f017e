package dev.sallyport.proxy.testing;

import io.netty.buffer.ByteBufAllocator;
import io.netty.util.ResourceLeakDetector;
import io.netty.util.ResourceLeakDetectorFactory;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import org.junit.jupiter.api.extension.AfterAllCallback;
import org.junit.jupiter.api.extension.ExtensionContext;

/** Fails the test class after which a buffer was collected that nobody has released. Found by every test of the module: it is registered as a service. */
public final class NoLeaks implements AfterAllCallback {
    private static final List<String> LEAKS = new CopyOnWriteArrayList<>();
    private static final String CANARY = "canary ";
    private static final int LOOKS_MAX = 200;
    private static int canaries;

    static {
        ResourceLeakDetectorFactory.setResourceLeakDetectorFactory(new ResourceLeakDetectorFactory() {
            @Override
            @Deprecated
            @SuppressWarnings("InlineMeSuggester") // Netty's signature, not ours to retire.
            public <T> ResourceLeakDetector<T> newResourceLeakDetector(
                    Class<T> resource, int samplingInterval, long maxActive) {
                return newResourceLeakDetector(resource, samplingInterval);
            }

            @Override
            public <T> ResourceLeakDetector<T> newResourceLeakDetector(Class<T> resource, int samplingInterval) {
                return new Reporting<>(resource, samplingInterval);
            }
        });
    }

    private static final class Reporting<T> extends ResourceLeakDetector<T> {
        Reporting(Class<T> resource, int samplingInterval) {
            super(resource, samplingInterval);
        }

        @Override
        protected boolean needReport() {
            return true;
        }

        @Override
        protected void reportTracedLeak(String resourceType, String records) {
            LEAKS.add(resourceType + records);
        }

        @Override
        protected void reportUntracedLeak(String resourceType) {
            LEAKS.add(resourceType);
        }
    }

    @Override
    public void afterAll(ExtensionContext context) {
        if (context.getRequiredTestClass().isMemberClass()) {
            return; // The class around it ends later.
        }
        List<String> leaks = found();
        if (!leaks.isEmpty()) {
            throw new AssertionError("leaked: " + String.join("\n", leaks));
        }
    }

    /** What was leaked since the last call. A leak of our own tells that the collector has passed: what was leaked before it has been reported by then. */
    static synchronized List<String> found() {
        String canary = CANARY + ++canaries;
        ByteBufAllocator.DEFAULT.directBuffer(1).touch(canary);
        for (int i = 0; i < LOOKS_MAX && LEAKS.stream().noneMatch(leak -> leak.contains(canary)); i++) {
            if (i % 10 == 0) {
                System.gc();
            }
            ByteBufAllocator.DEFAULT.directBuffer(1).release(); // Whoever allocates polls.
            Thread.onSpinWait();
        }
        if (!LEAKS.removeIf(leak -> leak.contains(canary))) {
            throw new AssertionError("leak detection is blind (expected: -Dio.netty.leakDetection.level=paranoid)");
        }
        List<String> leaks = List.copyOf(LEAKS);
        LEAKS.clear();
        return leaks;
    }
}
