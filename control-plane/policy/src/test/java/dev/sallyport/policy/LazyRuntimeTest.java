package dev.sallyport.policy;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** A sidecar pays for conditions, in memory and in attack surface, when a policy has one. Seen from a JVM of its own, which tells what it loads. */
@Timeout(60)
class LazyRuntimeTest {
    private static final List<String> CONDITIONS_ONLY = List.of("dev.cel.", "com.google.", "org.threeten.");

    @Test
    void setWithoutConditionsLoadsNothingOfTheRuntime() throws Exception {
        assertThat(loadedBy(Without.class))
                .contains(PolicySet.class.getName())
                .noneMatch(LazyRuntimeTest::ofTheRuntime);
    }

    @Test
    void conditionLoadsIt() throws Exception {
        assertThat(loadedBy(With.class))
                .anyMatch(LazyRuntimeTest::ofTheRuntime)
                .noneMatch(name -> name.startsWith("dev.cel.compiler."));
    }

    private static boolean ofTheRuntime(String className) {
        return CONDITIONS_ONLY.stream().anyMatch(className::startsWith);
    }

    /** Decides by a policy set. */
    static final class Without {
        private Without() {}

        public static void main(String[] args) {
            PolicySet set = PolicySet.compile(
                    Shop.set("{charge: {match: POST /charges, allow: {orders: {from: [orders], user: none}}}}"),
                    "payment");
            GivenFacts facts = GivenFacts.of(Optional.of(Facts.id("orders")), "POST", "/charges");
            System.out.println(set.decide(facts, Facts.NOW));
        }
    }

    /** Reads the checked condition that it is given. */
    static final class With {
        private With() {}

        public static void main(String[] args) {
            System.out.println(Expression.of(args[0]).inputs());
        }
    }

    private static List<String> loadedBy(Class<?> main) throws IOException, InterruptedException {
        Process process = new ProcessBuilder(
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        "-Xshare:auto",
                        "-XX:TieredStopAtLevel=1",
                        "-Xlog:class+load:stdout",
                        "-cp",
                        System.getProperty("java.class.path"),
                        main.getName(),
                        TestConditions.checked("request.method == 'GET'"))
                .redirectErrorStream(true)
                .start();
        String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertThat(process.waitFor(30, TimeUnit.SECONDS)).isTrue();
        assertThat(process.exitValue()).as(output).isZero();
        return output.lines()
                .filter(line -> line.contains("[class,load"))
                .map(line -> line.replaceFirst("^.*] +", "").split(" ", 2)[0])
                .toList();
    }
}
