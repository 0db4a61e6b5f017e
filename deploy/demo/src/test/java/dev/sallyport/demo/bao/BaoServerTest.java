package dev.sallyport.demo.bao;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class BaoServerTest {
    @TempDir
    Path folder;

    @Test
    void whatItHoldsOutlivesARestart() throws Exception {
        try (BaoServer bao = BaoServer.start(folder.resolve("bao"))) {
            bao.request("POST", "sys/mounts/pki_root", "{\"type\":\"pki\"}").ok();
            bao.stop();
            bao.restart();
            assertThat(bao.request("GET", "sys/mounts/pki_root", "").data()).containsEntry("type", "pki");
        }
    }

    @Test
    void sealedItAnswers503AndUnsealedItIsBack() throws Exception {
        try (BaoServer bao = BaoServer.start(folder.resolve("bao"))) {
            bao.seal();
            assertThat(bao.request("GET", "sys/mounts", "").status()).isEqualTo(503);
            bao.unseal();
            assertThat(bao.request("GET", "sys/mounts", "").status()).isEqualTo(200);
        }
    }

    @Test
    void aStrangerWithoutATokenIsRefused() throws Exception {
        try (BaoServer bao = BaoServer.start(folder.resolve("bao"))) {
            assertThat(bao.ask("GET", "sys/mounts", "", "").status()).isEqualTo(403);
        }
    }
}
