package dev.sallyport.authoring.tests;

import dev.sallyport.document.Nearest;
import dev.sallyport.document.Problems;
import dev.sallyport.document.Text;
import dev.sallyport.identity.InvalidSpiffeIdException;
import dev.sallyport.identity.SpiffeId;
import dev.sallyport.policy.DocumentSet;
import dev.sallyport.policy.GuardrailRef;
import dev.sallyport.policy.Mesh;
import dev.sallyport.policy.Reason;
import dev.sallyport.policy.RoutePolicy;
import dev.sallyport.policy.RuleRef;
import java.util.Arrays;
import java.util.Collection;
import java.util.List;
import java.util.Optional;
import java.util.TreeSet;
import java.util.function.Function;
import java.util.stream.Stream;

/** What a test may name: services, issuers, rules and guardrails of the set. Without a set, which has problems of its own then, no reference is judged. */
record References(Optional<DocumentSet> set, Problems problems) {
    static final String ANY_MESH = "any-mesh";

    Optional<Mesh> mesh() {
        return set.map(DocumentSet::mesh);
    }

    /** Adds a problem at {@code text} unless it names a declared service. */
    Optional<Mesh.Service> service(Text text) {
        Optional<Mesh.Service> service = mesh().map(mesh -> mesh.services().get(text.text()));
        if (service.isEmpty() && set.isPresent()) {
            unknown(text, Codes.SERVICE_UNKNOWN, mesh().orElseThrow().services().keySet(), "a service of the Mesh");
        }
        return service;
    }

    /** A service by its name, or a full SPIFFE ID, declared or not: a stranger's request is worth a test. */
    Optional<SpiffeId> identity(Text text) {
        if (!text.text().startsWith("spiffe:")) {
            return service(text).map(Mesh.Service::identity);
        }
        try {
            return Optional.of(SpiffeId.parse(text.text()));
        } catch (InvalidSpiffeIdException invalid) {
            text.problem(problems, Codes.IDENTITY, String.valueOf(invalid.getMessage()));
            return Optional.empty();
        }
    }

    /** The issuer of a user. */
    Optional<Mesh.Issuer> issuer(Text text) {
        Optional<Mesh.Issuer> issuer = mesh().map(mesh -> mesh.issuers().get(text.text()));
        if (issuer.isEmpty() && set.isPresent()) {
            unknown(text, Codes.ISSUER_UNKNOWN, mesh().orElseThrow().issuers().keySet(), "an issuer of the Mesh");
        }
        return issuer;
    }

    /** {@code payment/charge/orders}, of the live policy or of the candidate. */
    Optional<RuleRef> rule(Text text) {
        List<RuleRef> known = set.stream()
                .flatMap(documents ->
                        Stream.concat(documents.policies().values().stream(), documents.candidates().values().stream()))
                .flatMap(References::rules)
                .toList();
        return named(text, known, "a rule of the set, as service/route/rule");
    }

    private static Stream<RuleRef> rules(RoutePolicy policy) {
        return policy.routes().values().stream()
                .flatMap(route ->
                        route.allow().keySet().stream().map(rule -> new RuleRef(policy.service(), route.name(), rule)));
    }

    /** {@code card-data/non-payment-callers}. */
    Optional<GuardrailRef> guardrail(Text text) {
        List<GuardrailRef> known = set.stream()
                .flatMap(documents -> documents.guardrails().values().stream())
                .flatMap(guardrail ->
                        guardrail.deny().keySet().stream().map(denial -> new GuardrailRef(guardrail.name(), denial)))
                .toList();
        return named(text, known, "a denial of the set, as guardrail/denial");
    }

    /** {@code token_missing}; each is a decision's, or one that comes before. */
    Optional<Reason> reason(Text text) {
        return word(text, Arrays.asList(Reason.values()), Reason::code, "a reason");
    }

    /** {@code expired}, the reason {@code token_expired} without what each of them has. */
    Optional<Reason> tokenReason(Text text) {
        List<Reason> known =
                Arrays.stream(Reason.values()).filter(Reason::isToken).toList();
        return word(text, known, reason -> reason.code().substring("token_".length()), "what is wrong with a token");
    }

    /** An OPA that the Mesh declares. */
    void opaTarget(Text text) {
        if (mesh().isPresent() && !mesh().get().opa().containsKey(text.text())) {
            unknown(text, Codes.NAME_UNKNOWN, mesh().get().opa().keySet(), "an OPA that the Mesh declares");
        }
    }

    private <T> Optional<T> named(Text text, Collection<T> known, String what) {
        return set.isEmpty() ? Optional.empty() : word(text, known, Object::toString, what);
    }

    private <T> Optional<T> word(Text text, Collection<T> known, Function<T, String> name, String what) {
        Optional<T> found = known.stream()
                .filter(one -> name.apply(one).equals(text.text()))
                .findFirst();
        if (found.isEmpty()) {
            unknown(text, Codes.NAME_UNKNOWN, known.stream().map(name).toList(), what);
        }
        return found;
    }

    /** {@code ordres: unknown (did you mean orders?)}. */
    void unknown(Text text, String code, Collection<String> known, String what) {
        String expected = Nearest.to(text.text(), known)
                .map(nearest -> "did you mean " + nearest + "?")
                .orElseGet(() -> "expected: " + what + ": " + listed(known));
        text.problem(problems, code, text.text() + ": unknown (" + expected + ")");
    }

    /** A long list helps nobody. */
    private static String listed(Collection<String> known) {
        int shown = 20;
        List<String> sorted = List.copyOf(new TreeSet<>(known));
        if (sorted.isEmpty()) {
            return "there is none";
        }
        return sorted.size() <= shown
                ? String.join(", ", sorted)
                : String.join(", ", sorted.subList(0, shown)) + ", and " + (sorted.size() - shown) + " more";
    }
}
