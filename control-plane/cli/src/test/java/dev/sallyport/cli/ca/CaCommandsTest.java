package dev.sallyport.cli.ca;

import static dev.sallyport.cli.testing.Ran.sallyport;
import static org.assertj.core.api.Assertions.assertThat;

import dev.sallyport.cli.testing.Ran;
import dev.sallyport.cli.testing.StubControlPlane;
import dev.sallyport.cli.testing.StubControlPlane.Answer;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Iterator;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What the commands about authorities ask, and what they say of the answers. */
class CaCommandsTest {
    private static final String HOLDERS =
            "\"holders\":[{\"name\":\"back/b1\",\"connected\":false,\"lastSeen\":\"2026-11-26T01:00:00Z\",\"endsAt\":\"2026-11-27T01:00:00Z\"},"
                    + "{\"name\":\"front/f1\",\"connected\":true,\"endsAt\":\"2026-11-27T01:00:00Z\"}],"
                    + "\"leftBehind\":[{\"name\":\"back/b1\",\"connected\":false,\"endsAt\":\"2026-11-27T01:00:00Z\"}]";
    private static final String GENERATIONS =
            "\"active\":1,\"generations\":[{\"number\":1,\"kind\":\"embedded\",\"state\":\"active\",\"createdAt\":\"2026-11-26T00:00:00Z\","
                    + "\"roots\":[{\"notAfter\":\"2099-11-26T00:00:00Z\"}],\"issuer\":{\"notAfter\":\"2098-11-26T00:00:00Z\"}}]";

    @TempDir
    private Path folder;

    private StubControlPlane stub;

    @BeforeEach
    void start() throws Exception {
        stub = StubControlPlane.start(folder);
        stub.on("GET /v1/ca", 200, answer(""));
    }

    @AfterEach
    void stop() {
        stub.close();
    }

    private static String answer(String rotation) {
        return "{" + GENERATIONS + "," + HOLDERS + (rotation.isEmpty() ? "" : ",\"rotation\":" + rotation) + "}";
    }

    private static String rotation(String phase, String more) {
        return "{\"id\":3,\"subject\":\"root\",\"from\":1,\"to\":2,\"phase\":\"" + phase
                + "\",\"changedAt\":\"2026-11-26T00:00:00Z\",\"startedBy\":\"ada\",\"emergency\":false" + more + "}";
    }

    private static String waiting(String phase, int passed) {
        return rotation(
                phase,
                ",\"gate\":{\"total\":2,\"passed\":" + passed
                        + (passed == 2
                                ? ",\"missing\":[]}"
                                : ",\"missing\":[{\"name\":\"back/b1\",\"connected\":false,\"excluded\":false,\"reason\":\"not connected since X\",\"endsAt\":\"2026-11-27T01:00:00Z\"}]}"));
    }

    private Ran run(String... words) {
        Object[] all = Stream.concat(Arrays.stream(words), Stream.of("--context", stub.context.toString()))
                .toArray();
        return sallyport(all);
    }

    private String sent(String path) {
        return stub.requests.stream()
                .filter(request -> request.path().equals(path))
                .map(StubControlPlane.Request::body)
                .reduce((_, last) -> last)
                .orElse("");
    }

    private void inTurn(List<String> answers) {
        Iterator<String> left = answers.iterator();
        String last = answers.getLast();
        stub.on("GET /v1/ca", _ -> new Answer(200, left.hasNext() ? left.next() : last));
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "ca rotate --yes                      | expected --root, --intermediate or --to KIND",
                "ca rotate --root --intermediate --yes| expected --root, --intermediate or --to KIND",
                "ca                                   | missing required subcommand",
                "ca rotate --root                     | expected --yes where nobody can be asked",
            })
    void wrongUsageIsSaidAndNothingIsAsked(String line, String says) {
        Ran ran = run(line.strip().split(" +"));
        assertThat(ran.exit()).isEqualTo(2);
        assertThat(ran.err()).contains(says.strip());
        assertThat(stub.requests).noneMatch(request -> request.method().equals("POST"));
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "--root                                   | {\"subject\":\"root\"}",
                "--intermediate                           | {\"subject\":\"intermediate\"}",
                "--to vault-leaf                          | {\"subject\":\"authority\",\"to\":\"vault-leaf\"}",
                "--root --to vault-intermediate           | {\"subject\":\"root\",\"to\":\"vault-intermediate\"}",
                "--root --emergency --exclude a --exclude b/c | {\"subject\":\"root\",\"emergency\":true,\"exclude\":[\"a\",\"b/c\"]}",
            })
    void rotationIsAskedForAsItWasSaid(String flags, String body) {
        stub.on("POST /v1/ca/rotate", 200, answer(waiting("distribute", 1)));
        Ran ran = run(("ca rotate --yes " + flags.strip()).split(" +")).held();
        assertThat(sent("/v1/ca/rotate")).isEqualTo(body.strip());
        assertThat(ran.out()).isEqualTo("rotation: distribute: 1 of 2; waiting for back/b1 (not connected since X)\n");
    }

    @Test
    void planNamesThoseWhoAreAwayAndAnEmergencySaysThatTheyFail() {
        stub.on("POST /v1/ca/rotate", 200, answer(waiting("distribute", 1)));
        assertThat(run("ca", "rotate", "--root", "--yes").held().err())
                .contains(
                        "2 instances with certificates, 1 away",
                        "each step waits for these",
                        "  back/b1: last seen 2026-11-26T01:00:00Z")
                .doesNotContain("will fail");
        assertThat(run("ca", "rotate", "--root", "--emergency", "--yes").held().err())
                .contains("will fail", "back/b1");
        assertThat(run("ca", "rotate", "--intermediate", "--emergency", "--yes")
                        .held()
                        .err())
                .doesNotContain("will fail");
    }

    @Test
    void waitingSaysALineForEachChangeAndEndsWithTheRotation() {
        stub.on("POST /v1/ca/rotate", 200, answer(waiting("distribute", 1)));
        inTurn(List.of(
                answer(""), // The plan's.
                answer(waiting("distribute", 1)),
                answer(waiting("distribute", 1)),
                answer(waiting("re-issue", 2)),
                answer(rotation("done", ""))));
        Ran ran = run("ca", "rotate", "--root", "--wait", "--yes").held();
        assertThat(ran.err().lines().filter(line -> !line.startsWith("  ")))
                .endsWith(
                        "sallyport: distribute: 1 of 2; waiting for back/b1 (not connected since X)",
                        "sallyport: re-issue: 2 of 2",
                        "sallyport: done");
        assertThat(ran.out()).isEqualTo("rotation: done\n");
    }

    @Test
    void rotationThatIsAbortedMeanwhileIsAFailureWithItsReason() {
        stub.on("POST /v1/ca/rotate", 200, answer(waiting("distribute", 1)));
        inTurn(List.of(answer(""), answer(rotation("aborted", ",\"because\":\"aborted by ben at distribute\""))));
        run("ca", "rotate", "--root", "--wait", "--yes").refused(1, "rotation: aborted: aborted by ben at distribute");
    }

    @Test
    void waitThatIsTooShortNamesThoseWhoAreMissing() {
        stub.on("POST /v1/ca/rotate", 200, answer(waiting("distribute", 1)));
        inTurn(List.of(answer(""), answer(waiting("distribute", 1))));
        run("ca", "rotate", "--root", "--wait", "--timeout", "300ms", "--yes")
                .refused(7, "it goes on, see sallyport ca status", "back/b1: not connected since X");
    }

    @Test
    void controlPlaneThatIsAwayForAMomentDoesNotEndTheWait() {
        stub.on("POST /v1/ca/rotate", 200, answer(waiting("distribute", 1)));
        Iterator<Answer> answers = List.of(
                        new Answer(200, answer("")),
                        new Answer(200, "no JSON, as from something else on its port"),
                        new Answer(200, answer(rotation("done", ""))))
                .iterator();
        stub.on("GET /v1/ca", _ -> answers.next());
        run("ca", "rotate", "--root", "--wait", "--yes").held();
    }

    @Test
    void refusalIsTheControlPlanesOwn() {
        stub.on(
                "POST /v1/ca/rotate",
                409,
                "{\"title\":\"Conflict\",\"status\":409,\"detail\":\"a rotation is under way, at distribute\"}");
        run("ca", "rotate", "--root", "--yes").refused(1, "control plane: a rotation is under way, at distribute");
    }

    @Test
    void statusShowsGenerationsRotationAndWhoIsMissing() {
        stub.on("GET /v1/ca", 200, answer(waiting("re-issue", 1)));
        String out = run("ca", "status").held().out();
        assertThat(out)
                .containsPattern("1 +embedded +active +in \\d+d .* in \\d+d ")
                .contains("rotation 3 of the root, generation 1 to 2: re-issue since ", "by ada", "1 of 2 are through")
                .containsPattern("back/b1 +no +no .*not connected since X");
        assertThat(run("ca", "show").held().out()).isEqualTo(out);
        assertThat(run("ca", "status", "-o", "json")
                        .held()
                        .json()
                        .at("/rotation/gate/passed")
                        .asInt())
                .isEqualTo(1);
    }

    @Test
    void abortAndContinueAskForWhatTheySay() {
        stub.on("POST /v1/ca/abort", 200, answer(waiting("return", 1)))
                .on("POST /v1/ca/continue", 200, answer(waiting("distribute", 2)));
        assertThat(run("ca", "abort").held().out()).startsWith("rotation: return: 1 of 2");
        assertThat(sent("/v1/ca/abort")).as("nothing was seen").isEqualTo("{}");
        run("ca", "continue").held();
        assertThat(sent("/v1/ca/continue")).isEqualTo("{}");

        stub.on("GET /v1/ca", 200, answer(waiting("distribute", 1)));
        run("ca", "abort").held();
        assertThat(sent("/v1/ca/abort")).isEqualTo("{\"rotation\":3}");
        run("ca", "resume", "--exclude", "back/b1").held();
        assertThat(sent("/v1/ca/continue")).isEqualTo("{\"rotation\":3,\"exclude\":[\"back/b1\"]}");
        assertThat(run("ca", "continue", "--emergency").err()).contains("not waited for: back/b1", "--yes");
        run("ca", "continue", "--emergency", "--yes").held();
        assertThat(sent("/v1/ca/continue")).isEqualTo("{\"rotation\":3,\"emergency\":true}");
    }

    @Test
    void abortIsOverWhenTheRotationIsAborted() {
        stub.on("POST /v1/ca/abort", 200, answer(waiting("return", 1)));
        inTurn(List.of(answer(waiting("return", 1)), answer(rotation("aborted", ",\"because\":\"aborted by ada\""))));
        run("ca", "abort", "--wait").held();
        inTurn(List.of(answer(rotation("done", ""))));
        run("ca", "abort", "--wait").refused(1, "rotation: done");
    }
}
