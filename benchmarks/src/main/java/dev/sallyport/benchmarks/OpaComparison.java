package dev.sallyport.benchmarks;

import dev.sallyport.policy.Decision;
import dev.sallyport.policy.GivenFacts;
import dev.sallyport.policy.PolicySet;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/**
 * The same 1,000 routes and the same requests, decided by this engine and by OPA's own {@code opa bench} (a prepared query in its own process; the median of its evaluation timer), in
 * one run. The Rego is what OPA's documents advise: a rule a route, with equalities on method, path and caller, which OPA indexes. Argument: the {@code opa} binary.
 */
public final class OpaComparison {
    private static final int ROUTES = 1000;
    private static final int[] ASKED = {0, ROUTES / 2, ROUTES - 1};
    private static final int BATCHES = 31;
    private static final int DECISIONS = 200_000;

    private OpaComparison() {}

    public static void main(String[] args) throws IOException, InterruptedException {
        String opa = args.length > 0 ? args[0] : "opa";
        Path folder = Files.createTempDirectory("opa-comparison");
        Path rego = Files.writeString(folder.resolve("payment.rego"), rego());
        PolicySet policy = PolicySet.compile(BigPolicy.of(ROUTES, ROUTES), BigPolicy.SERVICE);
        System.out.println("route  request  opa bench, median ns  engine, median ns  ratio");
        for (int route : ASKED) {
            for (String role : List.of("customer", "visitor")) {
                Path input = Files.writeString(folder.resolve("input.json"), input(route, role));
                double theirs = opaMedianNanos(opa, rego, input);
                double ours = engineMedianNanos(policy, BigPolicy.request(route, BigPolicy.caller(route), role), role);
                System.out.printf(
                        Locale.ROOT,
                        "%5d  %-7s  %20.0f  %17.0f  %4.0f x%n",
                        route,
                        role.equals("customer") ? "allow" : "deny",
                        theirs,
                        ours,
                        theirs / ours);
            }
        }
    }

    private static String rego() {
        return "package payment\n\ndefault allow := false\n\n"
                + IntStream.range(0, ROUTES)
                        .mapToObj(i -> """
                        allow if {
                            input.method == "POST"
                            input.path = ["charges", _, "part%d"]
                            input.caller == "%s"
                            some role in input.user.roles
                            role in {"customer", "finance"}
                        }
                        """.formatted(i, BigPolicy.caller(i)))
                        .collect(Collectors.joining("\n"));
    }

    private static String input(int route, String role) {
        return """
                {"method":"POST","path":["charges","c-123456","part%d"],"caller":"%s","user":{"issuer":"shop","sub":"alice","roles":["%s"]}}
                """.formatted(route, BigPolicy.caller(route), role);
    }

    /** The median of the evaluation alone, without parsing the input or starting the process. */
    private static double opaMedianNanos(String opa, Path rego, Path input) throws IOException, InterruptedException {
        Process bench = new ProcessBuilder(
                        opa,
                        "bench",
                        "--data",
                        rego.toString(),
                        "--input",
                        input.toString(),
                        "--format",
                        "json",
                        "data.payment.allow")
                .redirectError(ProcessBuilder.Redirect.INHERIT)
                .start();
        String out = new String(bench.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        String key = "\"histogram_timer_rego_query_eval_ns_median\":";
        int at = out.indexOf(key);
        if (bench.waitFor() != 0 || at < 0) {
            throw new IOException(opa + " bench: " + out.lines().findFirst().orElse("no output")
                    + " (expected: a JSON report of OPA 1.x)");
        }
        int end = at + key.length();
        while (out.charAt(end) != ',' && out.charAt(end) != '\n') {
            end++;
        }
        return Double.parseDouble(out.substring(at + key.length(), end).strip());
    }

    /** Of whole batches, so that the clock does not count; the answer is checked, so that nothing is optimised away. */
    private static double engineMedianNanos(PolicySet policy, GivenFacts facts, String role) {
        double[] nanos = new double[BATCHES];
        for (int batch = 0; batch < BATCHES; batch++) {
            int allowed = 0;
            long started = System.nanoTime();
            for (int i = 0; i < DECISIONS; i++) {
                allowed += policy.decide(facts, BigPolicy.NOW) instanceof Decision.Allow ? 1 : 0;
            }
            nanos[batch] = (double) (System.nanoTime() - started) / DECISIONS;
            if (allowed != (role.equals("customer") ? DECISIONS : 0)) {
                throw new IllegalStateException("allowed: " + allowed + " of " + DECISIONS);
            }
        }
        Arrays.sort(nanos);
        return nanos[BATCHES / 2];
    }
}
