package dev.sallyport.proxy.svid;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sallyport.contract.MeshNames;
import dev.sallyport.contract.Wire;
import dev.sallyport.proxy.controlplane.ControlPlaneException;
import dev.sallyport.proxy.controlplane.Reply;
import dev.sallyport.proxy.testing.ManualControl;
import dev.sallyport.proxy.testing.TestMesh;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** One canary at a time, however often the control plane asks, and whether or not it is there to answer. */
class CanaryOrderTest {
    private final List<String> asked = new ArrayList<>();
    private final List<String> reported = new ArrayList<>();
    private final ManualControl control = new ManualControl(Instant.now());
    private boolean gone;
    private int status = 200;
    private CompletableFuture<Void> held = CompletableFuture.completedFuture(null);
    private TestMesh mesh;
    private Canary canary;

    @BeforeEach
    void start(@TempDir Path folder) {
        mesh = new TestMesh(folder);
        canary = new Canary("i1", _ -> Optional.empty(), this::post, control);
    }

    @AfterEach
    void stop() {
        control.shutdownNow();
    }

    private CompletableFuture<Reply> post(String path, byte[] json) {
        if (gone) {
            asked.add("gone");
            return CompletableFuture.failedFuture(new ControlPlaneException("control plane: not connected"));
        }
        return held.thenApply(_ -> answer(path, json));
    }

    private Reply answer(String path, byte[] json) {
        try {
            if (path.equals(MeshNames.CANARY_RESULT_PATH)) {
                Wire.CanaryResult result = Wire.canaryResult(json);
                reported.add(result.authority()
                        + result.refused().map(why -> " " + why).orElse(""));
                return new Reply(204, Optional.empty(), new byte[0]);
            }
            Wire.CanaryRequest request = Wire.canaryRequest(json);
            asked.add(request.authority());
            String chain = mesh.chainPem(request.csrPem(), mesh.id("orders"));
            Wire.Issued issued = new Wire.Issued(chain, control.now(), control.now());
            return new Reply(status, Optional.empty(), status == 200 ? Wire.encode(issued) : new byte[0]);
        } catch (Exception e) {
            throw new AssertionError(e);
        }
    }

    private void pass(long seconds) {
        control.runUntil(control.now().plusSeconds(seconds));
    }

    @Test
    void whoeverIsAskedForWhileOneIsUnderWayComesNextAndOnlyTheLastOfThem() {
        held = new CompletableFuture<>();
        for (String authority : List.of("one", "one", "two", "three")) {
            canary.attempt(authority);
        }
        held.complete(null);
        pass(0);
        assertThat(asked).containsExactly("one", "three");
        assertThat(reported).containsExactly("one", "three");
    }

    @Test
    void controlPlaneThatIsGoneIsAskedFiveTimesAndThenLeft() {
        gone = true;
        canary.attempt("one");
        pass(3600);
        assertThat(asked).hasSize(5);
        gone = false;
        canary.attempt("one");
        pass(0);
        assertThat(reported).containsExactly("one");
    }

    @Test
    void controlPlaneThatComesBackHearsTheResult() {
        gone = true;
        canary.attempt("one");
        pass(2);
        gone = false;
        pass(10);
        assertThat(reported).containsExactly("one");
    }

    @Test
    void authorityThatIsSealedIsAskedAgainAndThenReported() {
        status = 503;
        canary.attempt("one");
        pass(60);
        assertThat(asked).hasSize(5);
        assertThat(reported).containsExactly("one not issued: HTTP status 503");
    }
}
