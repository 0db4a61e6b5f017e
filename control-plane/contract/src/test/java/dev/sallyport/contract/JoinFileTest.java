package dev.sallyport.contract;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class JoinFileTest {
    @TempDir
    Path folder;

    @Test
    void fileIsReadAsWritten() throws Exception {
        var bundle = Samples.bundle(folder);
        for (long seed = 0; seed < 25; seed++) {
            JoinFile file = new Samples(seed, bundle).joinFile();
            assertThat(JoinFile.ofBytes(file.toBytes())).as("seed %d", seed).isEqualTo(file);
        }
    }

    @Test
    void keptCopyAndLogLineHoldNoToken() throws Exception {
        JoinFile file = new Samples(1, Samples.bundle(folder)).joinFile();
        assertThat(file.toString()).doesNotContain(file.token());
        assertThat(file.withoutToken().token()).isEmpty();
        assertThat(JoinFile.ofBytes(file.withoutToken().toBytes()).identity()).isEqualTo(file.identity());
    }

    @Test
    void rootKeysArePublic() throws Exception {
        JoinFile file = new Samples(1, Samples.bundle(folder)).joinFile();
        String json = new String(file.toBytes(), UTF_8);
        assertThat(json).doesNotContain("\"d\":");
        String withSecret = json.replaceFirst("\"kid\":\"root\"", "\"kid\":\"root\",\"d\":\"AA\"");
        refused(withSecret, "join file.rootKeys[0].d: unknown field");
    }

    @Test
    void everythingElseIsRefused() throws Exception {
        String json =
                new String(new Samples(1, Samples.bundle(folder)).joinFile().toBytes(), UTF_8);
        refused(json.replaceFirst("spiffe://shop.example", "spiffe://"), "join file.identity");
        refused(json.replaceFirst("\"crv\":\"P-256\"", "\"crv\":\"P-384\""), "join file.rootKeys[0].crv");
        refused(json.replaceFirst("\"y\":\"[^\"]*\"", "\"y\":\"AAAA\""), "join file.rootKeys[0].x: a point elsewhere");
        refused(json.replaceFirst("\"rootKeys\":\\[.*?\\]", "\"rootKeys\":[]"), "join file.rootKeys: none");
        refused(json.replaceFirst("\"v\":1", "\"v\":2"), "join file.v: 2 (expected: 1)");
        refused(json.replaceFirst("\"expires\":\"", "\"expires\":\" "), "join file.expires");
        refused(json.replaceFirst("\"enrolment\":\"[^\"]*\"", "\"enrolment\":\"nowhere\""), "join file.enrolment");
    }

    private static void refused(String json, String problem) {
        assertThatThrownBy(() -> JoinFile.ofBytes(json.getBytes(UTF_8)))
                .isInstanceOf(InvalidMessageException.class)
                .hasMessageContaining(problem);
    }
}
