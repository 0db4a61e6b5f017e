package dev.sallyport.cli.check;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sallyport.cli.sidecar.AdminClient;
import dev.sallyport.cli.testing.FakeAdmin;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import java.util.OptionalLong;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class SidecarChecksTest {
    private final Instant now = Instant.now();

    @TempDir
    private Path folder;

    private FakeAdmin sidecar;
    private FakeAdmin pages;

    @BeforeEach
    void start() throws Exception {
        sidecar = FakeAdmin.start();
        sidecar.describe(folder);
        pages = FakeAdmin.start();
        pages.on("GET /readyz", 200, "ok\n")
                .on(
                        "GET /metrics",
                        200,
                        "sallyport_spans_total{result=\"sent\"} 5\nsallyport_spans_total{result=\"dropped\"} 0.0\n");
        sidecar.on("GET /server_info", 200, "{\"service\":\"orders\",\"version\":\"1\",\"controlPlaneConnected\":true}")
                .on("GET /config_dump", 200, dump(7, true))
                .on("GET /certs", 200, certificate(3600, 1800, false))
                .on("GET /stats", 200, stats(3, "", 0))
                .on("GET /logging", 200, "{\"level\":\"info\"}");
    }

    @AfterEach
    void stop() throws Exception {
        sidecar.close();
        pages.close();
    }

    @Test
    void healthySidecarPasses() {
        List<Check> checks = checks();
        assertThat(checks).hasSize(9).allMatch(check -> check.result() == Check.Result.OK);
        assertThat(checks)
                .extracting(Check::what)
                .contains(
                        "orders answers at " + sidecar.address() + ", version 1",
                        "is ready",
                        "is connected to its control plane",
                        "3 records to ship",
                        "no span and no access line was dropped");
    }

    @Test
    void whatIsWrongIsFoundOneByOne() {
        pages.on("GET /readyz", 503, "[-]snapshot failed\n");
        notRight(CheckCode.SIDECAR_READY, Check.Result.FAILED);
        pages.on("GET /readyz", 200, "ok\n");

        sidecar.on("GET /server_info", 200, "{\"service\":\"orders\",\"controlPlaneConnected\":false}");
        notRight(CheckCode.SIDECAR_CONNECTED, Check.Result.FAILED);
        sidecar.on("GET /server_info", 200, "{\"service\":\"orders\"}");

        sidecar.on("GET /config_dump", 200, dump(6, true));
        notRight(CheckCode.SIDECAR_REVISION, Check.Result.FAILED);
        sidecar.on("GET /config_dump", 200, dump(7, false));
        notRight(CheckCode.SIDECAR_SNAPSHOT, Check.Result.FAILED);
        sidecar.on("GET /config_dump", 200, dump(7, true));

        sidecar.on("GET /certs", 200, certificate(3600, 1800, true));
        notRight(CheckCode.SIDECAR_CERTIFICATE, Check.Result.FAILED);
        sidecar.on("GET /certs", 200, certificate(-1, -1800, false));
        notRight(CheckCode.SIDECAR_CERTIFICATE, Check.Result.FAILED);
        sidecar.on("GET /certs", 200, certificate(600, -3600, false));
        notRight(CheckCode.SIDECAR_CERTIFICATE, Check.Result.WARNING);
        sidecar.on("GET /certs", 200, certificate(3600, 1800, false));

        sidecar.on("GET /stats", 200, stats(10_001, "", 0));
        notRight(CheckCode.SIDECAR_LAG, Check.Result.WARNING);
        sidecar.on("GET /stats", 200, stats(0, "refused", 0));
        notRight(CheckCode.SIDECAR_LAG, Check.Result.WARNING);
        sidecar.on("GET /stats", 200, stats(0, "", 1));
        notRight(CheckCode.SIDECAR_DROPS, Check.Result.WARNING);
        sidecar.on("GET /stats", 200, stats(0, "", 0));

        sidecar.on("GET /logging", 200, "{\"level\":\"debug\"}");
        notRight(CheckCode.SIDECAR_LOG_LEVEL, Check.Result.WARNING);
        sidecar.on("GET /logging", 200, "{\"level\":\"debug\",\"until\":\"" + now.plusSeconds(60) + "\"}");
        assertThat(checks()).allMatch(check -> check.result() == Check.Result.OK);

        pages.on("GET /metrics", 200, "sallyport_access_log_lines_total{result=\"dropped\"} 2\n");
        notRight(CheckCode.SIDECAR_TELEMETRY, Check.Result.WARNING);
        pages.on("GET /metrics", 404, "not found\n");
        assertThat(checks()).allMatch(check -> check.result() == Check.Result.OK);
    }

    @Test
    void olderSidecarOrNoneIsSaid() throws Exception {
        sidecar.on("GET /logging", 404, "not found\n");
        notRight(CheckCode.SIDECAR_LOG_LEVEL, Check.Result.WARNING);
        sidecar.close();
        notRight(CheckCode.SIDECAR_ANSWERS, Check.Result.FAILED);
        Files.delete(folder.resolve("admin-address"));
        notRight(CheckCode.SIDECAR_ANSWERS, Check.Result.FAILED);
    }

    @Test
    void revisionIsComparedOnlyWithOneThatIsKnown() {
        sidecar.on("GET /config_dump", 200, dump(6, true));
        try (AdminClient client = new AdminClient()) {
            assertThat(new SidecarChecks(folder, client, OptionalLong.empty(), now).all())
                    .allMatch(check -> check.result() == Check.Result.OK);
        }
    }

    private void notRight(CheckCode code, Check.Result result) {
        assertThat(checks())
                .filteredOn(check -> check.result() != Check.Result.OK)
                .singleElement()
                .satisfies(check -> {
                    assertThat(check.code()).isEqualTo(code);
                    assertThat(check.result()).isEqualTo(result);
                    assertThat(check.fix()).isPresent();
                });
    }

    private List<Check> checks() {
        try (AdminClient client = new AdminClient()) {
            return new SidecarChecks(folder, client, OptionalLong.of(7), now).all();
        }
    }

    private String dump(long revision, boolean inForce) {
        return "{\"configuration\":{\"health\":\"" + pages.address() + "\",\"metrics\":\"0.0.0.0:" + pages.port()
                + "\"},\"snapshot\":{\"revision\":" + revision + ",\"inForce\":" + inForce + ",\"validUntil\":\""
                + now.plusSeconds(60) + "\"}}";
    }

    private String certificate(long end, long renewAt, boolean revoked) {
        return "{\"id\":\"spiffe://shop.example/sa/orders\",\"notAfter\":\"" + now.plusSeconds(end)
                + "\",\"renewAt\":\"" + now.plusSeconds(renewAt) + "\",\"revoked\":" + revoked + "}";
    }

    private static String stats(long lag, String problem, long dropped) {
        return "{\"auditRecordsDropped\":" + dropped + ",\"audit\":{\"lagRecords\":" + lag + ",\"problem\":\"" + problem
                + "\"}}";
    }
}
