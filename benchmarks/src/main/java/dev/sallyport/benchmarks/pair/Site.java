package dev.sallyport.benchmarks.pair;

import java.net.InetSocketAddress;

/**
 * Where a pair runs.
 *
 * @param backend which application is behind it
 * @param workers of each proxy: nginx' processes, HAProxy's and Envoy's threads, Sallyport's event loops
 */
public record Site(Workplace workplace, BenchMesh mesh, InetSocketAddress backend, int workers) {
    /** With one worker a proxy. */
    public Site(Workplace workplace, BenchMesh mesh, InetSocketAddress backend) {
        this(workplace, mesh, backend, 1);
    }

    Site with(BenchMesh other) {
        return new Site(workplace, other, backend, workers);
    }
}
