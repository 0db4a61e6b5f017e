package dev.sallyport.proxy.inbound;

import dev.sallyport.policy.Decision;
import dev.sallyport.policy.Mesh;
import dev.sallyport.policy.OpaAnswer;
import dev.sallyport.policy.OpaInput;
import dev.sallyport.policy.RequestFacts;
import dev.sallyport.policy.RequestRejectedException;
import dev.sallyport.policy.RuleRef;
import dev.sallyport.proxy.opa.OpaClient;
import dev.sallyport.proxy.opa.OpaResult;
import dev.sallyport.proxy.snapshot.CompiledSnapshot;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;
import java.util.function.Consumer;

/** The OPAs that the Mesh declares, asked about the facts that the rule has proven. */
public final class DeclaredOpa implements Opa {
    private final OpaClient client;

    public DeclaredOpa(OpaClient client) {
        this.client = client;
    }

    @Override
    public void ask(
            Decision.Ask ask, RequestFacts facts, CompiledSnapshot snapshot, Instant now, Consumer<OpaResult> done) {
        Mesh.OpaTarget target = snapshot.mesh().opa().get(ask.query().target());
        if (target == null) {
            done.accept(error("OPA " + ask.query().target() + ": unknown (expected: one that the Mesh declares)"));
            return;
        }
        byte[] input;
        try {
            input = OpaInput.of(ask, facts, source(ask.rule(), snapshot), snapshot.mesh(), now);
        } catch (RequestRejectedException e) {
            done.accept(error(String.valueOf(e.getMessage())));
            return;
        }
        client.ask(target, ask.query(), input, done);
    }

    private static OpaResult error(String detail) {
        return new OpaResult(OpaAnswer.ERROR, detail, Duration.ZERO);
    }

    /** A rule with {@code user: none} never looks at a token, so OPA hears nothing of a user either. */
    private static Decision.Proof source(RuleRef ref, CompiledSnapshot snapshot) {
        return Optional.ofNullable(snapshot.documents().policies().get(ref.service()))
                .map(policy -> policy.routes().get(ref.route()))
                .map(route -> route.allow().get(ref.rule()))
                .map(rule -> Decision.Proof.of(rule.user()))
                .orElse(Decision.Proof.NOWHERE);
    }
}
