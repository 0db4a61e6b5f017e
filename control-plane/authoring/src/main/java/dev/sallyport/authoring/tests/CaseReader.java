package dev.sallyport.authoring.tests;

import dev.sallyport.authoring.tests.PolicyTest.Case;
import dev.sallyport.authoring.tests.PolicyTest.Expectation;
import dev.sallyport.authoring.tests.PolicyTest.Person;
import dev.sallyport.authoring.tests.PolicyTest.Request;
import dev.sallyport.authoring.tests.PolicyTest.Token;
import dev.sallyport.document.Fields;
import dev.sallyport.document.Location;
import dev.sallyport.document.Text;
import dev.sallyport.identity.SpiffeId;
import dev.sallyport.policy.Mesh;
import dev.sallyport.policy.OpaAnswer;
import dev.sallyport.policy.Reason;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/** Reads cases. A matrix is read as the cases that it stands for, one for each caller, user and request; a case is a matrix of one. */
final class CaseReader {
    /** Of one matrix: what a person wrote is checked in a moment. */
    static final int CASES_MAX = 10_000;

    private static final String NONE = "none";

    private final References known;
    private final Optional<String> destination;
    private final Map<String, Person> people;

    /** {@code destination}: where requests go that do not say it. */
    CaseReader(References known, Optional<String> destination, Map<String, Person> people) {
        this.known = known;
        this.destination = destination;
        this.people = people;
    }

    List<Case> one(String name, Location location, Fields fields) {
        return read(name, location, fields, new Axes(one(fields, "from"), as(fields, false), one(fields, "request")));
    }

    List<Case> matrix(String name, Location location, Fields fields) {
        return read(
                name,
                location,
                fields,
                new Axes(everybody(fields.placedTexts("from")), as(fields, true), fields.placedTexts("request")));
    }

    /** What differs between the cases of a matrix. */
    private record Axes(List<Text> from, List<Text> as, List<Text> requests) {
        /** Each distance of a matrix is bounded by the file's size, their product is not. */
        long size() {
            return (long) from.size() * as.size() * requests.size();
        }
    }

    private static List<Text> one(Fields fields, String key) {
        String text = fields.text(key);
        return text.isEmpty() ? List.of() : List.of(fields.placed(key, text));
    }

    private static List<Text> as(Fields fields, boolean several) {
        if (!fields.has("as")) {
            return List.of(fields.placed("as", NONE));
        }
        return several ? fields.placedTexts("as") : one(fields, "as");
    }

    /** {@code any-mesh} stands for every service, so that a new one is in the matrix too. */
    private List<Text> everybody(List<Text> from) {
        return from.stream()
                .flatMap(text -> text.text().equals(References.ANY_MESH)
                        ? known.mesh().stream()
                                .flatMap(mesh -> mesh.services().keySet().stream())
                                .map(service -> new Text(text.location(), text.path(), service))
                        : List.of(text).stream())
                .toList();
    }

    private List<Case> read(String name, Location location, Fields fields, Axes axes) {
        String service = new Destination(known, destination).read(fields);
        String host = fields.optionalText("host").orElse(service);
        Map<String, List<String>> headers = HeaderReader.read(fields);
        Map<String, OpaAnswer> opa = opa(fields);
        Moment at = Moment.read(fields, "at", Moment.NOW);
        Optional<Reason> refused = refused(fields);
        List<String> via = via(fields, axes.from());
        ExpectationReader expectations = new ExpectationReader(known);
        Expectation expected = expectations.read(fields);
        Optional<Expectation> shadow = fields.optionalFields("shadow").map(inner -> {
            Expectation read = expectations.read(inner);
            inner.done();
            return read;
        });
        fields.done();
        if (axes.size() > CASES_MAX) {
            fields.problem(
                    "request",
                    Codes.TOO_MANY,
                    axes.size() + " cases (expected: at most " + CASES_MAX + "; split the matrix)");
            return List.of();
        }
        boolean single = axes.size() == 1;
        List<Case> cases = new ArrayList<>();
        for (Text from : axes.from()) {
            Optional<SpiffeId> caller = from.text().equals(NONE) ? Optional.empty() : known.identity(from);
            for (Text as : axes.as()) {
                Token token = refused.map(CaseReader::token).orElseGet(() -> token(as));
                for (Text text : axes.requests()) {
                    Request request = request(text, host);
                    String cell = single ? name : name + ": " + from.text() + ", " + as.text() + ", " + text.text();
                    cases.add(new Case(
                            cell,
                            location,
                            service,
                            from.text(),
                            caller,
                            token,
                            via,
                            request,
                            headers,
                            opa,
                            at,
                            expected,
                            shadow));
                }
            }
        }
        return cases;
    }

    /** What is wrong with the token, in the place of a user. */
    private Optional<Reason> refused(Fields fields) {
        Optional<String> token = fields.optionalText("token");
        if (token.isPresent() && fields.has("as")) {
            fields.problem("token", Codes.CONTRADICTION, "token beside as (expected: one of them)");
            return Optional.empty();
        }
        return token.flatMap(text -> known.tokenReason(fields.placed("token", text)));
    }

    /** Who sends a hop token has carried the user last. */
    private List<String> via(Fields fields, List<Text> callers) {
        List<Text> via = fields.optionalPlacedTexts("via");
        via.forEach(known::service);
        if (!via.isEmpty() && !fields.has("as") && !fields.has("token")) {
            fields.problem("via", Codes.CONTRADICTION, "via without a user (expected: as, or token)");
        }
        if (!via.isEmpty()) {
            callers.stream()
                    .filter(caller -> !isCaller(via.getLast(), caller))
                    .forEach(
                            caller -> via.getLast()
                                    .problem(
                                            known.problems(),
                                            Codes.CONTRADICTION,
                                            via.getLast().text() + ", and the caller is " + caller.text()
                                                    + " (expected: the service that verified the user first, the caller last)"));
        }
        return via.stream().map(Text::text).toList();
    }

    private boolean isCaller(Text service, Text caller) {
        Optional<SpiffeId> identity =
                known.mesh().map(mesh -> mesh.services().get(service.text())).map(Mesh.Service::identity);
        return known.mesh().isEmpty()
                || service.text().equals(caller.text())
                || identity.filter(id -> id.toString().equals(caller.text())).isPresent();
    }

    private static Token token(Reason reason) {
        return reason == Reason.TOKEN_MISSING ? new Token.Missing() : new Token.Refused(reason);
    }

    private Token token(Text as) {
        if (as.text().equals(NONE)) {
            return new Token.Missing();
        }
        Person person = people.get(as.text());
        if (person == null) {
            known.unknown(as, Codes.USER_UNKNOWN, people.keySet(), "none, or a user under spec.users");
            return new Token.Missing();
        }
        return new Token.Good(person);
    }

    /** The rest of the line is the target, whatever it holds: the sidecar's own reading judges it. */
    private Request request(Text text, String host) {
        int blank = text.text().indexOf(' ');
        String first = blank < 0 ? text.text() : text.text().substring(0, blank);
        String rest = blank < 0 ? "" : text.text().substring(blank + 1);
        Optional<Integer> port = first.equals("tcp") ? PatternReader.port(rest) : Optional.empty();
        if (rest.isEmpty() || (first.equals("tcp") && port.isEmpty())) {
            text.problem(
                    known.problems(),
                    Codes.REQUEST,
                    text.text()
                            + " (expected: METHOD /path, as POST /charges?mode=full, grpc pkg.Service/Method, or tcp"
                            + " PORT)");
        }
        if (port.isPresent()) {
            return new Request.Tcp(port.get());
        }
        return first.equals("grpc") ? new Request.Http("POST", "/" + rest, host) : new Request.Http(first, rest, host);
    }

    private Map<String, OpaAnswer> opa(Fields fields) {
        Map<String, OpaAnswer> answers = new TreeMap<>();
        Map<String, String> given = fields.namedTexts("opa");
        Fields inner = fields.optionalFields("opa").orElse(fields);
        given.keySet().forEach(target -> {
            known.opaTarget(inner.placed(target, target));
            answers.put(
                    target,
                    OpaAnswer.valueOf(
                            inner.oneOf(target, null, "true", "false", "error").toUpperCase(Locale.ROOT)));
        });
        return answers;
    }
}
