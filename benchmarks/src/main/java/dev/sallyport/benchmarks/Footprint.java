package dev.sallyport.benchmarks;

import dev.sallyport.policy.PolicySet;
import java.util.ArrayList;
import java.util.List;

/** Heap that a compiled policy set keeps: the difference of what is live with and without copies of it, after full collections. Prints one line a size. */
public final class Footprint {
    private static final int COPIES = 8;
    private static final int COLLECTIONS = 5;

    private Footprint() {}

    /** {@code args}: pairs of routes and rules; 1000 2000, 1000 20000 and 10000 20000 without. */
    public static void main(String[] args) throws InterruptedException {
        int[] sizes = args.length == 0
                ? new int[] {1000, 2000, 1000, 20_000, 10_000, 20_000}
                : java.util.Arrays.stream(args).mapToInt(Integer::parseInt).toArray();
        for (int i = 0; i + 1 < sizes.length; i += 2) {
            long before = live();
            List<PolicySet> kept = new ArrayList<>();
            for (int copy = 0; copy < COPIES; copy++) {
                kept.add(PolicySet.compile(BigPolicy.of(sizes[i], sizes[i + 1]), BigPolicy.SERVICE));
            }
            long each = (live() - before) / kept.size();
            System.out.printf("%d routes, %d rules: %.2f MB%n", sizes[i], sizes[i + 1], each / 1e6);
        }
    }

    private static long live() throws InterruptedException {
        for (int i = 0; i < COLLECTIONS; i++) {
            System.gc();
            Thread.sleep(50);
        }
        return Runtime.getRuntime().totalMemory() - Runtime.getRuntime().freeMemory();
    }
}
