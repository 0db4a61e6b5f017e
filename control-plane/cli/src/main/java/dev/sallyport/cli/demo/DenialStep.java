package dev.sallyport.cli.demo;

import dev.sallyport.audit.AuditFields;
import dev.sallyport.cli.CliException;
import java.io.IOException;
import java.util.Optional;

/** 3. The same charge for the same user, asked for by catalog: refused, and explained from the record. */
final class DenialStep implements Step {
    private static final String NEAREST = "payment/charge/orders";

    @Override
    public String name() {
        return "the same request from a service that no rule allows is refused and explained";
    }

    @Override
    public void run(Scene scene, Observation observation) throws IOException, CliException, InterruptedException {
        String token = scene.tokens().customer(Scene.USER);
        String url = scene.chargeByCatalog();
        Client.Answer answer = scene.client().post(url, Optional.of(token), 1);
        String id = answer.decisionId();
        observation.must(
                answer.status() == 403 && !id.isEmpty(),
                "catalog asks payment for POST /charges with " + Scene.USER + "'s token: " + answer.status()
                        + ", decision " + id);
        Records.Found record = scene.records().ofDecision("payment", id);
        observation.must(
                record.reason().equals("caller_not_allowed")
                        && record.text(AuditFields.NEAREST_RULE).equals(NEAREST),
                "payment's record: " + record.reason() + ", nearest rule " + record.text(AuditFields.NEAREST_RULE));
        String[] explain = {"explain", id, "--state", scene.folder().state().toString()};
        Scene.Ran explained = Scene.run(explain);
        boolean condition = explained.out().lines().anyMatch(line -> line.contains("✘") && line.contains("from"));
        observation.must(
                explained.exit() == 0 && condition && explained.out().contains(NEAREST),
                "explain says which condition failed, and which rule would allow it:");
        explained.out().lines().forEach(line -> observation.saw("  " + line));
        observation.repeat(Scene.shell(explain));
        observation.repeat(scene.tokens().shellVariable(Scene.USER, ""));
        observation.repeat("curl -s -X POST -H \"Authorization: Bearer $TOKEN\" " + url);
    }
}
