package dev.sallyport.contract;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.nimbusds.jose.jwk.ECKey;
import dev.sallyport.identity.SpiffeId;
import java.nio.file.Path;
import java.util.List;
import java.util.TreeMap;
import java.util.concurrent.Callable;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class SignedSnapshotTest {
    private static final SpiffeId ORDERS = Samples.id("orders");
    private static final long EPOCH = 3;

    private final ECKey signing = Samples.key("signing");
    private final KeyList keys = new KeyList(Samples.MESH, EPOCH, List.of(Samples.key("next"), signing));

    @TempDir
    Path folder;

    private MeshSnapshot snapshot;
    private SignedSnapshot signed;

    @BeforeEach
    void sign() throws Exception {
        snapshot = new Samples(7, Samples.bundle(folder)).snapshot(ORDERS, EPOCH);
        signed = SignedSnapshot.sign(snapshot, signing);
    }

    @Test
    void recipientReadsWhatWasSigned() throws Exception {
        var bundle = Samples.bundle(folder);
        for (long seed = 0; seed < 25; seed++) {
            MeshSnapshot one = new Samples(seed, bundle).snapshot(ORDERS, EPOCH);
            SignedSnapshot read =
                    SignedSnapshot.ofBytes(SignedSnapshot.sign(one, signing).toBytes());
            assertThat(read.verify(keys, Samples.MESH, ORDERS))
                    .as("seed %d", seed)
                    .isEqualTo(one);
            assertThat(one.toBytes())
                    .as("seed %d", seed)
                    .isEqualTo(MeshSnapshot.ofBytes(one.toBytes()).toBytes());
        }
    }

    @Test
    void alteredPayloadIsRefusedWhereverItIsAltered() {
        byte[] payload = signed.payload();
        int step = Math.max(1, payload.length / 100);
        for (int at = 0; at < payload.length; at += step) {
            byte[] altered = payload.clone();
            altered[at] ^= 1;
            refused(
                    () -> new SignedSnapshot(altered, signed.signature()).verify(keys, Samples.MESH, ORDERS),
                    "signature does not match");
        }
    }

    @Test
    void alteredSignatureIsRefusedAtEveryCharacter() {
        String text = signed.signature();
        for (int at = 0; at < text.length(); at++) {
            char other = text.charAt(at) == 'A' ? 'B' : 'A';
            String altered = text.substring(0, at) + other + text.substring(at + 1);
            refused(() -> new SignedSnapshot(signed.payload(), altered).verify(keys, Samples.MESH, ORDERS), "snapshot");
        }
    }

    @Test
    void signatureHasOneSpelling() {
        // 64 bytes leave four unused bits in the last character: 'A' with any of them set decodes to the same bytes.
        String alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
        String text = signed.signature();
        char last = text.charAt(text.length() - 1);
        char twin = alphabet.charAt(alphabet.indexOf(last) + 1);
        refused(
                () -> new SignedSnapshot(signed.payload(), text.substring(0, text.length() - 1) + twin)
                        .verify(keys, Samples.MESH, ORDERS),
                "not canonical base64url");
    }

    @Test
    void keyOutsideTheListIsRefusedEvenUnderAListedName() {
        refused(
                () -> SignedSnapshot.sign(snapshot, Samples.key("other")).verify(keys, Samples.MESH, ORDERS),
                "not listed");
        refused(
                () -> SignedSnapshot.sign(snapshot, Samples.key("signing")).verify(keys, Samples.MESH, ORDERS),
                "does not match");
    }

    @Test
    void anotherRecipientMeshOrEpochIsRefused() {
        refused(() -> signed.verify(keys, Samples.MESH, Samples.id("payment")), "snapshot.recipient");
        KeyList bank = new KeyList("bank", EPOCH, List.of(signing));
        refused(() -> signed.verify(bank, "bank", ORDERS), "snapshot.mesh: shop (expected: bank)");
        KeyList restored = new KeyList(Samples.MESH, EPOCH + 1, List.of(signing));
        refused(() -> signed.verify(restored, Samples.MESH, ORDERS), "snapshot.epoch");
    }

    @Test
    void oneTrustedKeyStandsForAKeyList() throws Exception {
        assertThat(signed.verify(signing.toPublicJWK(), ORDERS)).isEqualTo(snapshot);
        refused(() -> signed.verify(Samples.key("signing"), ORDERS), "does not match");
        refused(() -> signed.verify(Samples.key("other"), ORDERS), "not listed");
        refused(() -> signed.verify(signing, Samples.id("payment")), "snapshot.recipient");
    }

    @Test
    void signatureForAnotherPurposeDoesNotCount() {
        // The root key signs key lists; were it also listed, its key list must not pass for a snapshot.
        String keyList = keys.sign(signing);
        String detached = keyList.replaceFirst("\\..*\\.", "..");
        byte[] payload = java.util.Base64.getUrlDecoder().decode(keyList.split("\\.", -1)[1]);
        refused(() -> new SignedSnapshot(payload, detached).verify(keys, Samples.MESH, ORDERS), "typ");
    }

    @Test
    void orderIsEpochThenRevisionThenTime() {
        MeshSnapshot now = at(2, 5, 10);
        assertThat(at(2, 5, 10).newerThan(now)).isFalse();
        assertThat(at(2, 5, 11).newerThan(now)).isTrue();
        assertThat(at(2, 5, 9).newerThan(now)).isFalse();
        assertThat(at(2, 6, 0).newerThan(now)).isTrue();
        assertThat(at(2, 4, 99).newerThan(now)).isFalse();
        assertThat(at(3, 0, 0).newerThan(now)).isTrue();
        assertThat(at(1, 99, 99).newerThan(now)).isFalse();
    }

    @Test
    void unknownMissingAndRepeatedFieldsFailTheWhole() {
        String json = new String(snapshot.toBytes(), UTF_8);
        snapshotRefused(json.replaceFirst("\\{", "{\"x\":1,"), "snapshot.x: unknown field");
        snapshotRefused(json.replaceFirst("\"serials\"", "\"serial\""), "snapshot.revocations.serials: missing");
        snapshotRefused(
                json.replaceFirst("\"policy\":\\{", "\"policy\":{\"digest\":\"\","),
                "snapshot.policy.digest: repeated field");
        snapshotRefused(json.replaceFirst("\"epoch\":3", "\"epoch\":-3"), "snapshot.epoch: -3 (expected: at least 0)");
        snapshotRefused(json.replaceFirst("BEGIN CERT", "BEGIN DIRT"), "snapshot.trust");
        snapshotRefused(json.replaceFirst("\"v\":1", "\"v\":2"), "snapshot.v: 2 (expected: 1)");
    }

    @Test
    void secretKeysOfIssuersNeitherLeaveNorEnter() {
        String secret = "{\"keys\":[" + Samples.key("issuer").toJSONString() + "]}";
        assertThatThrownBy(() -> new MeshSnapshot.Keys(new TreeMap<>(java.util.Map.of("corp", secret))))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("public keys only");
        String symmetric = "{\\\"keys\\\":[{\\\"kty\\\":\\\"oct\\\",\\\"k\\\":\\\"AA\\\"}]}";
        String json = new String(snapshot.toBytes(), UTF_8)
                .replaceFirst(
                        "\"keys\":\\{",
                        java.util.regex.Matcher.quoteReplacement("\"keys\":{\"corp\":\"" + symmetric + "\","))
                .replace(",}", "}");
        snapshotRefused(json, "snapshot.keys.corp.keys[0].k: a secret");
    }

    private MeshSnapshot at(long epoch, long revision, long second) {
        return new MeshSnapshot(
                snapshot.mesh(),
                snapshot.recipient(),
                snapshot.service(),
                epoch,
                revision,
                java.time.Instant.ofEpochSecond(second),
                snapshot.validUntil(),
                snapshot.trust(),
                snapshot.keys(),
                snapshot.revocations(),
                snapshot.policy(),
                snapshot.endpoints());
    }

    private static void snapshotRefused(String json, String problem) {
        refused(() -> MeshSnapshot.ofBytes(json.getBytes(UTF_8)), problem);
    }

    private static void refused(Callable<?> attempt, String problem) {
        assertThatThrownBy(attempt::call)
                .isInstanceOf(InvalidMessageException.class)
                .hasMessageContaining(problem);
    }
}
