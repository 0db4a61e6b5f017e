package dev.sallyport.server.collector;

import dev.sallyport.identity.SpiffeId;
import dev.sallyport.server.store.Store;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Who is there must be heard, and who is gone must have said so. */
class StreamWatchTest {
    private static final SpiffeId BACK = new SpiffeId(TestMembers.TRUST_DOMAIN, "/sa/back");
    private static final PresentSidecar SIDECAR = new PresentSidecar("back", "b1");

    @TempDir
    Path folder;

    private final SetClock clock = new SetClock();
    private final List<PresentSidecar> present = new ArrayList<>();
    private final Streams streams = new Streams();
    private Store store;
    private Findings findings;
    private StreamWatch watch;

    @BeforeEach
    void open() throws Exception {
        store = Store.open(folder);
        findings = new Findings(new FindingTable(store), _ -> 1, clock);
        watch = new StreamWatch(() -> List.copyOf(present), streams, findings, clock);
    }

    @AfterEach
    void close() {
        findings.close();
        store.close();
    }

    private void sends(String log, boolean end) throws Exception {
        StreamName name = StreamName.parse("back/b1/" + log);
        StreamState before = streams.find(name.text()).orElseGet(() -> StreamState.begin(name, BACK, clock.instant()));
        streams.put(before.after(before.last() + 1, "0".repeat(64), end, clock.instant()));
    }

    /** What is open when that much time has passed; findings are written by a thread of their own, and counted at once. */
    private void after(Duration time, String... wanted) throws Exception {
        clock.move(time);
        watch.look();
        TestCollector.await(
                "findings",
                () -> findings.list(true, 10).stream()
                        .map(finding -> finding.kind().code() + " " + finding.subject())
                        .toList(),
                open -> open.equals(List.of(wanted)) && findings.open() == wanted.length);
    }

    @Test
    void aSidecarThatSendsHeartbeatsIsWell() throws Exception {
        present.add(SIDECAR);
        for (int i = 0; i < 10; i++) {
            sends("one", false);
            after(Duration.ofSeconds(30));
        }
    }

    @Test
    void aSidecarThatFallsSilentIsFoundUntilItSendsAgain() throws Exception {
        present.add(SIDECAR);
        sends("one", false);
        after(Duration.ofSeconds(85));
        after(Duration.ofSeconds(10)); // it has been seen for ten seconds
        after(Duration.ofSeconds(91), "silent back/b1");
        after(Duration.ofSeconds(91), "silent back/b1");
        sends("one", false);
        after(Duration.ofSeconds(1));
    }

    @Test
    void aSidecarWithoutAStreamIsFoundUntilItsFirstBatchOrItsEnd() throws Exception {
        present.add(SIDECAR);
        after(Duration.ZERO);
        after(Duration.ofSeconds(91), "no-stream back/b1");
        sends("one", false);
        after(Duration.ofSeconds(1));
        present.add(new PresentSidecar("back", "b2"));
        after(Duration.ZERO);
        after(Duration.ofSeconds(80));
        sends("one", false);
        after(Duration.ofSeconds(9));
        after(Duration.ofSeconds(2), "no-stream back/b2");
        present.clear();
        after(Duration.ofSeconds(1));
    }

    @Test
    void aStreamWhoseSidecarIsGoneMustHaveEnded() throws Exception {
        present.add(SIDECAR);
        sends("one", false);
        after(Duration.ofSeconds(1));
        present.clear();
        after(Duration.ofMinutes(4));
        after(Duration.ofMinutes(2), "no-end back/b1/one");
        present.add(SIDECAR);
        after(Duration.ofSeconds(1));
        sends("one", true);
        present.clear();
        after(Duration.ofHours(1));
    }
}
