package dev.sallyport.cli.demo;

import com.fasterxml.jackson.databind.JsonNode;
import dev.sallyport.cli.CliException;
import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;

/** 6. One word in payment's policy, saved in the folder that the control plane watches; then step 3's request again. */
final class PolicyChangeStep implements Step {
    private static final Duration LIMIT = Duration.ofSeconds(15);
    private static final String BEFORE = "orders: {from: [orders], user: {issuer: shop, anyRole: [customer]";
    private static final String AFTER = "orders: {from: [orders, catalog], user: {issuer: shop, anyRole: [customer]";

    @Override
    public String name() {
        return "a policy change goes live, and the request that was refused is allowed";
    }

    @Override
    public void run(Scene scene, Observation observation) throws IOException, CliException, InterruptedException {
        String token = scene.tokens().customer(Scene.USER);
        long before = scene.shop().api().status().path("revision").asLong();
        Client.Answer denied = scene.client().post(scene.chargeByCatalog(), Optional.of(token), 1);
        observation.must(
                denied.status() == 403,
                "before, at revision " + before + ": catalog asks payment for POST /charges: " + denied.status());

        allowCatalog(scene.folder());
        Instant saved = Instant.now();
        JsonNode acked = scene.shop().awaitAcks(before, LIMIT);
        long revision = scene.shop().api().status().path("revision").asLong();
        Duration took = Duration.between(saved, lastAck(acked));
        observation.must(
                revision == before + 1,
                "payment.yaml saved with from: [orders, catalog]; revision " + revision + " acknowledged by all "
                        + Shop.MEMBERS.size() + " sidecars, the last after " + took.toMillis() + " ms");

        Client.Answer allowed = scene.client().post(scene.chargeByCatalog(), Optional.of(token), 1);
        observation.must(
                allowed.status() == 200
                        && allowed.body()
                                .path("caller")
                                .asText()
                                .equals(scene.shop().sidecar("catalog").id()),
                "after: " + allowed.status() + ", payment's application saw caller "
                        + allowed.body().path("caller").asText());
        String file = Scene.quoted(scene.folder().policies().resolve("payment.yaml"));
        observation.repeat("sed -i 's/from: \\[orders, catalog\\]/from: [orders]/' " + file
                + "   # takes it back: catalog is refused again");
        observation.repeat(
                Scene.shell("status", "--context", scene.shop().context().toString()));
    }

    static void allowCatalog(DemoFolder folder) throws IOException, CliException {
        folder.edit("payment.yaml", BEFORE, AFTER);
    }

    /** When the control plane heard from the slowest sidecar, by its own clock, which is this machine's. */
    private static Instant lastAck(JsonNode acked) {
        Instant last = Instant.EPOCH;
        for (JsonNode sidecar : acked.path("sidecars")) {
            Instant at = Instant.parse(sidecar.path("acked").path("at").asText());
            last = at.isAfter(last) ? at : last;
        }
        return last;
    }
}
