package dev.sallyport.policy;

import dev.sallyport.policy.CompiledRule.Proof;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;

/** What would have allowed it, in a sentence that leaves nothing out: who follows it is not sent back again. */
final class Advice {
    private final String service;
    private final List<CompiledRoute> routes;
    private final Evaluation evaluation;

    Advice(String service, List<CompiledRoute> routes, Evaluation evaluation) {
        this.service = service;
        this.routes = routes;
        this.evaluation = evaluation;
    }

    String of(Decision decision) {
        return switch (decision) {
            case Decision.Allow allow
            when allow.observed().isPresent() ->
                "forwarded by mode: observe until " + evaluation.route().observeUntil() + "; afterwards "
                        + allow.observed().get().reason().code() + ": "
                        + denied(allow.observed().get());
            case Decision.Allow allow ->
                "allowed by rule " + allow.rule().map(RuleRef::toString).orElse("none");
            case Decision.Ask ask -> "rule " + ask.rule() + " asks OPA; all else in it holds";
            case Decision.Deny deny -> denied(deny);
        };
    }

    private String denied(Decision.Deny deny) {
        if (deny.guardrail().isPresent()) {
            return "guardrail " + deny.guardrail().get() + " denies it, and no rule can override a guardrail";
        }
        List<CompiledRule> rules = evaluation.route().rulesByName();
        if (evaluation.route().matched().isEmpty()) {
            return noRoute();
        }
        if (rules.isEmpty()) {
            return "no rule of route " + evaluation.route().matched().get().name() + " is live";
        }
        String request = evaluation.route().matched().get().match().toString();
        return switch (deny.reason()) {
            case CALLER_UNKNOWN -> unknownCaller() + "; " + callers(rules, request);
            case CALLER_NOT_ALLOWED -> callers(rules, request);
            default ->
                rules.stream()
                        .filter(rule -> deny.nearest().equals(rule.found()))
                        .map(rule -> "would be allowed with " + wanted(rule) + ": rule " + rule.ref())
                        .collect(Collectors.joining());
        };
    }

    private String unknownCaller() {
        return evaluation
                .facts()
                .caller()
                .map(id -> id + " is no service of Mesh "
                        + evaluation.mesh().mesh().name())
                .orElse("a caller without a client certificate is nobody");
    }

    /** Each rule of the route in a clause; the first failed condition of each is its caller. */
    private String callers(List<CompiledRule> rules, String request) {
        return rules.stream()
                .map(rule -> rule.expired(evaluation.now())
                        ? "rule " + rule.ref() + " has ended (" + rule.expires() + ")"
                        : callersWanted(rule) + " may call " + request + with(rule) + ": rule " + rule.ref())
                .collect(Collectors.joining("; "));
    }

    private static String callersWanted(CompiledRule rule) {
        return rule.callers().callers().anyMesh()
                ? "any service of the mesh"
                : String.join(" or ", rule.callers().callers().names());
    }

    private static String with(CompiledRule rule) {
        boolean demands = rule.proof().compareTo(Proof.OPTIONAL) > 0
                || rule.checks().stream().anyMatch(RequestCondition.class::isInstance);
        return demands ? " with " + wanted(rule) : "";
    }

    /** {@code a token of issuer shop that has role finance, when '…'}. */
    private static String wanted(CompiledRule rule) {
        List<String> token = new ArrayList<>();
        List<String> of = new ArrayList<>();
        List<String> request = new ArrayList<>();
        for (Condition condition : rule.checks()) {
            switch (condition) {
                case UserCondition.NoUser _ -> {}
                case UserCondition.Token wanted -> token.add(wanted.expected());
                case UserCondition.TokenAge age -> of.add("an age of " + age.expected());
                case UserCondition.Subject(String subject) -> of.add("subject " + subject);
                case UserCondition.Roles roles ->
                    of.add(named(roles.all() ? "all roles" : "one of the roles", "role", roles.roles()));
                case UserCondition.Scopes(List<String> scopes) -> of.add(named("all scopes", "scope", scopes));
                case UserCondition.Claim claim -> of.add("claim " + claim.claim() + " " + claim.value());
                case RequestCondition.Field field -> request.add(field.name() + " " + field.expected());
                case RequestCondition.Cel cel -> request.add("when " + cel.source());
                case RequestCondition.Opa opa ->
                    request.add("a yes of OPA to " + opa.query().path());
                case CallerCondition _ -> {} // not among the checks
            }
        }
        if (!of.isEmpty()) {
            token.add("that has " + String.join(" and ", of));
        }
        List<String> all = new ArrayList<>();
        if (!token.isEmpty()) {
            all.add(String.join(" ", token));
        }
        all.addAll(request);
        return String.join(", ", all);
    }

    private static String named(String several, String one, List<String> words) {
        return words.size() == 1 ? one + " " + words.getFirst() : several + " " + words;
    }

    private String noRoute() {
        if (routes.isEmpty()) {
            return service + " has no RoutePolicy, and what no rule allows is denied";
        }
        if (evaluation.facts().tcpPort().isPresent()) {
            return "no route of " + service + " covers tcp "
                    + evaluation.facts().tcpPort().getAsInt();
        }
        String path = evaluation.facts().path();
        String others = routes.stream()
                .map(route -> route.matched().orElseThrow())
                .filter(route -> route.match()
                        .template()
                        .filter(template -> template.matches(path))
                        .isPresent())
                .map(route -> route.match() + " (route " + route.name() + ")")
                .collect(Collectors.joining(", "));
        String request = evaluation.facts().method() + " " + path;
        return others.isEmpty()
                ? "no route of " + service + " covers " + request
                : "no route of " + service + " covers " + request + "; it covers " + others;
    }
}
