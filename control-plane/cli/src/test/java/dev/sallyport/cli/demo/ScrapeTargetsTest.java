package dev.sallyport.cli.demo;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ScrapeTargetsTest {
    @TempDir
    private Path folder;

    @Test
    void prometheusFindsEachProcessUnderTheJobThatDashboardsGoBy() throws Exception {
        Path file = folder.resolve("prometheus-targets.json");
        new ScrapeTargets()
                .controlPlane("127.0.0.1:1")
                .sidecar("web", "127.0.0.1:2")
                .write(file);
        JsonNode targets = new ObjectMapper().readTree(file.toFile());
        assertThat(targets).hasSize(2);
        assertThat(targets.get(0).toString())
                .isEqualTo("{\"targets\":[\"127.0.0.1:1\"],\"labels\":{\"job\":\"sallyport-control-plane\"}}");
        assertThat(targets.get(1).toString())
                .isEqualTo(
                        "{\"targets\":[\"127.0.0.1:2\"],\"labels\":{\"job\":\"sallyport-sidecar\",\"service\":\"web\"}}");
        try (var files = Files.list(folder)) {
            assertThat(files).containsExactly(file);
        }
    }
}
