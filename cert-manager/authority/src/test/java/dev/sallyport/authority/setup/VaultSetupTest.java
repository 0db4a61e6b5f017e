package dev.sallyport.authority.setup;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sallyport.authority.setup.SetupLine.Outcome;
import dev.sallyport.demo.bao.BaoServer;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class VaultSetupTest {
    private static BaoServer bao;
    private SetUp mesh;

    @BeforeAll
    static void start(@TempDir Path folder) throws Exception {
        bao = BaoServer.start(folder.resolve("bao"));
    }

    @AfterAll
    static void stop() {
        bao.close();
    }

    @BeforeEach
    void open() throws Exception {
        mesh = new SetUp(bao);
    }

    @AfterEach
    void close() {
        mesh.close();
    }

    @Test
    void whatWasAppliedHoldsAndASecondTimeNothingIsWritten() throws Exception {
        List<SetupLine> fresh = mesh.check(SetUp.BOTH);
        fresh.forEach(System.out::println);
        List<SetupLine> done = mesh.apply(SetUp.BOTH);
        done.forEach(System.out::println);
        mesh.check(SetUp.BOTH).forEach(System.out::println);
        assertThat(SetUp.wrong(mesh.check(SetUp.BOTH))).isEmpty();
        assertThat(mesh.apply(SetUp.BOTH)).extracting(SetupLine::outcome).containsOnly(Outcome.KEPT);
        System.out.println(SettingsText.of(mesh.settings));
        System.out.println(VaultSetup.policy(mesh.settings, mesh.trustDomain, SetUp.BOTH));
    }
}
