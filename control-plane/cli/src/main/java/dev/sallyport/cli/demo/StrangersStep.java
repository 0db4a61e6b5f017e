package dev.sallyport.cli.demo;

import dev.sallyport.audit.AuditFields;
import dev.sallyport.cli.CliException;
import java.io.IOException;
import java.security.KeyStore;
import java.time.Duration;
import java.util.Optional;

/** 5. Who is not who he must be: as a client without and with a worthless certificate, as another service, as an impostor of a server. */
final class StrangersStep implements Step {
    private static final Duration LIMIT = Duration.ofSeconds(15);
    private static final String DECLARED = "    backoffice: {";

    @Override
    public String name() {
        return "no certificate, a foreign one, another service, an impostor server: each refused, as the records say";
    }

    @Override
    public void run(Scene scene, Observation observation) throws IOException, CliException, InterruptedException {
        clients(scene, observation);
        String token = scene.tokens().customer(Scene.USER);
        anotherService(scene, observation, token);
        impostor(scene, observation, token);
    }

    /** Both come from outside, straight to payment's inbound port. */
    private static void clients(Scene scene, Observation observation)
            throws IOException, CliException, InterruptedException {
        String inbound = scene.shop().sidecar("payment").inbound();
        knock(scene, observation, "a client without a certificate", Optional.empty(), "certificate_missing");
        KeyStore foreign = Stranger.certificate(
                scene.folder().root(), scene.shop().sidecar("orders").id());
        knock(
                scene,
                observation,
                "a client with orders' SPIFFE ID from another authority",
                Optional.of(foreign),
                "certificate_untrusted");
        observation.repeat("curl -sk -X POST https://" + inbound + "/charges; echo curl says $?");
        observation.repeat("curl -sk -X POST --cert-type P12 --cert "
                + Scene.quoted(Stranger.file(scene.folder().root()) + ":" + Stranger.PASSWORD) + " https://" + inbound
                + "/charges; echo curl says $?");
    }

    private static void knock(
            Scene scene, Observation observation, String who, Optional<KeyStore> certificate, String reason)
            throws IOException, CliException, InterruptedException {
        scene.ledger().refusedConnection();
        Stranger.Knock knock =
                Stranger.knock(scene.shop().sidecar("payment").inbound(), "8080.payment.shop.example", certificate);
        Records.Found record = scene.records().ofConnection("payment", knock.peer());
        String fingerprint = record.text(AuditFields.PEER_FINGERPRINT);
        observation.must(
                !knock.let() && record.reason().equals(reason),
                who + ": " + knock.end() + "; on record at payment: " + record.reason() + " from " + knock.peer()
                        + (fingerprint.isEmpty() ? "" : ", certificate " + fingerprint.substring(0, 16) + "…"));
    }

    /** Charging is for orders; web has a good certificate, and a good user, and may not. */
    private static void anotherService(Scene scene, Observation observation, String token)
            throws IOException, CliException, InterruptedException {
        String outbound = scene.shop().sidecar("web").outbound();
        Client.Answer answer = scene.client().postBy(outbound, "http://payment/charges", Optional.of(token));
        Records.Found record = scene.records().ofDecision("payment", answer.decisionId());
        observation.must(
                answer.status() == 403 && record.reason().equals("caller_not_allowed"),
                "web calls payment's POST /charges, which only orders may: " + answer.status()
                        + "; on record at payment: " + record.reason() + ", caller "
                        + record.text(AuditFields.ACTOR_ID));
        observation.repeat(scene.tokens().shellVariable(Scene.USER, ""));
        observation.repeat("curl -s -X POST -H \"Authorization: Bearer $TOKEN\" -x http://" + outbound
                + " http://payment/charges");
    }

    /** A service that is declared to listen where catalog does: what answers there has a good certificate, of somebody else. */
    private static void impostor(Scene scene, Observation observation, String token)
            throws IOException, CliException, InterruptedException {
        Sidecar web = scene.shop().sidecar("web");
        Sidecar catalog = scene.shop().sidecar("catalog");
        long before = scene.shop().api().status().path("revision").asLong();
        declareImpostor(scene.folder(), catalog.inbound());
        scene.shop().awaitAcks(before, LIMIT);
        observation.saw("mesh.yaml now declares a service ledger at " + catalog.inbound()
                + ", where catalog's sidecar answers");
        Client.Answer answer = scene.client().postStopped(web.outbound(), "http://ledger/entries", Optional.of(token));
        Records.Found record = scene.records().ofDecision("web", answer.decisionId());
        observation.must(
                answer.status() == 502 && record.reason().equals("upstream_identity"),
                "web calls ledger and meets an impostor: " + answer.status() + "; on record at web: " + record.reason()
                        + " (" + record.text(AuditFields.DETAIL) + ")");
        observation.repeat("curl -s -X POST -H \"Authorization: Bearer $TOKEN\" -x http://" + web.outbound()
                + " http://ledger/entries");
    }

    static void declareImpostor(DemoFolder folder, String endpoint) throws IOException, CliException {
        String ledger =
                "    ledger:     {identity: spiffe://shop.example/ns/shop/sa/ledger, ports: {8080: http}, endpoints: [\""
                        + endpoint + "\"]}\n";
        folder.edit("mesh.yaml", DECLARED, ledger + DECLARED);
    }
}
