package dev.sallyport.authoring.diff;

import dev.sallyport.policy.FieldCondition;
import dev.sallyport.policy.RoutePolicy.UserRequirement;
import dev.sallyport.policy.RoutePolicy.UserRequirement.Conditions;
import java.util.ArrayList;
import java.util.List;

/** A rule's demands in the words of the language. */
final class Wording {
    private Wording() {}

    /** {@code payment/charge/orders (user shop, anyRole [customer], when …)}. */
    static String of(Granted granted) {
        return "rule " + granted.ref() + " (" + demands(granted) + ")";
    }

    /** {@code user shop anyRole [customer], when …}. */
    static String demands(Granted granted) {
        List<String> demands = new ArrayList<>();
        demands.add("user " + user(granted.rule().user()));
        granted.fields().forEach(field -> demands.add(field(field)));
        granted.rule().when().ifPresent(when -> demands.add("when " + when.source()));
        granted.rule().opa().ifPresent(query -> demands.add("opa " + query.target() + " " + query.path()));
        granted.rule().expires().ifPresent(end -> demands.add("expires " + end));
        if (granted.rule().forwardToken()) {
            demands.add("forwardToken");
        }
        if (granted.rule().forwardUnverified()) {
            demands.add("forwardUnverified");
        }
        return String.join(", ", demands);
    }

    private static String field(FieldCondition field) {
        String key = field.kind() == FieldCondition.Kind.HEADER ? "headers." : "query.";
        return key + field.name() + " " + field.oneOf();
    }

    static String user(UserRequirement user) {
        return switch (user) {
            case UserRequirement.None _ -> "none";
            case UserRequirement.OptionalUser _ -> "optional";
            case UserRequirement.Required _ -> "required";
            case Conditions conditions -> conditions(conditions);
        };
    }

    private static String conditions(Conditions user) {
        List<String> parts = new ArrayList<>();
        parts.add(user.issuer());
        user.subject().ifPresent(subject -> parts.add("subject " + subject));
        if (!user.anyRole().isEmpty()) {
            parts.add("anyRole " + user.anyRole());
        }
        if (!user.allRoles().isEmpty()) {
            parts.add("allRoles " + user.allRoles());
        }
        if (!user.scopes().isEmpty()) {
            parts.add("scopes " + user.scopes());
        }
        if (!user.claims().isEmpty()) {
            parts.add("claims " + user.claims());
        }
        user.maxTokenAge().ifPresent(age -> parts.add("maxTokenAge " + age.toSeconds() + "s"));
        user.via().ifPresent(via -> parts.add("via " + via.from() + " in at most " + via.maxHops() + " hops"));
        return String.join(" ", parts);
    }
}
