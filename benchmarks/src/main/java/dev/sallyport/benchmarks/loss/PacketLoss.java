package dev.sallyport.benchmarks.loss;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * Half of the packets to and from one TCP port of this namespace's loopback get lost, each by a throw of its own. They are dropped where they arrive: TCP would learn at once of one that is dropped where it is sent.
 * One thread.
 */
public final class PacketLoss {
    private static final String NFT = """
            nft '
            add table inet sallyport_bench
            add chain inet sallyport_bench input { type filter hook input priority 0 ; }
            add rule inet sallyport_bench input tcp dport %1$d numgen random mod 100 < 50 drop
            add rule inet sallyport_bench input tcp sport %1$d numgen random mod 100 < 50 drop
            '""";

    private static final String IPTABLES =
            "iptables -%2$s INPUT -p tcp --%3$s %1$d -m statistic --mode random" + " --probability 0.5 -j DROP";

    /** Programs of the system that can do it; scripts of the shell. */
    private record Tool(String begin, String end) {
        static List<Tool> on(int port) {
            return List.of(
                    new Tool(NFT.formatted(port), "nft delete table inet sallyport_bench"),
                    new Tool(iptables(port, "A"), iptables(port, "D")));
        }

        private static String iptables(int port, String verb) {
            return IPTABLES.formatted(port, verb, "dport") + " && " + IPTABLES.formatted(port, verb, "sport");
        }
    }

    private final Tool tool;
    private boolean losing;

    private PacketLoss(Tool tool) {
        this.tool = tool;
    }

    /**
     * On {@code port}, with the first program that can do it; none is lost yet.
     *
     * @throws IOException when none can, with what they say
     * @throws IllegalStateException outside of a namespace of our own: other people's packets would get lost
     */
    public static PacketLoss on(int port) throws IOException, InterruptedException {
        if (!Namespace.own()) {
            throw new IllegalStateException("packet loss in a network namespace that others use (expected: our own)");
        }
        List<String> problems = new ArrayList<>();
        for (Tool tool : Tool.on(port)) {
            Optional<String> problem = run(tool.begin);
            if (problem.isEmpty()) {
                PacketLoss loss = new PacketLoss(tool);
                loss.losing = true;
                loss.end();
                return loss;
            }
            problems.add(problem.get());
        }
        throw new IOException(
                "no packet filter (" + String.join("; ", problems)
                        + "); expected: nft or iptables, and a kernel with nft_numgen or xt_statistic (apt-get install nftables)");
    }

    public void begin() throws IOException, InterruptedException {
        done(run(tool.begin));
        losing = true;
    }

    /** Nothing is lost any more. */
    public void end() throws IOException, InterruptedException {
        if (losing) {
            losing = false;
            done(run(tool.end));
        }
    }

    private static Optional<String> run(String script) throws InterruptedException {
        return Shell.problem(List.of("sh", "-c", script));
    }

    private static void done(Optional<String> problem) throws IOException {
        if (problem.isPresent()) {
            throw new IOException("packet loss: " + problem.get());
        }
    }
}
