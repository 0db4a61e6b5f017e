package dev.sallyport.server.http;

import com.linecorp.armeria.common.HttpStatus;
import com.linecorp.armeria.common.QueryParams;
import dev.sallyport.audit.RecordField;
import dev.sallyport.server.http.Problem.ProblemException;
import dev.sallyport.server.mesh.LiveMesh;
import dev.sallyport.server.records.RecordQuery;
import java.time.DateTimeException;
import java.time.Instant;
import java.util.Arrays;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Pattern;

/** The parameters of a search, read strictly: one clear answer to what is wrong, never a search for something else. A field named several times means any of its values. */
final class RecordParameters {
    static final String ENTRIES = "entries";

    private static final int LIMIT = 50;
    private static final int VALUE_MAX = 256;
    /** Requests by how they ended, and connections that never had one: what an intent or a log says of itself is asked for by name. */
    private static final Set<String> TRAFFIC = Set.of("request", "connection");

    private static final String ANY = "any";
    private static final Pattern STATUS = Pattern.compile("[1-5](\\d\\d|xx)|0");
    private static final Pattern SERVICE = Pattern.compile("[a-z0-9-]{1,63}");
    private static final Set<String> OTHERS =
            new TreeSet<>(List.of("from", "to", "limit", "before", "after", "order", ENTRIES));

    private final QueryParams params;
    private final LiveMesh mesh;

    RecordParameters(QueryParams params, LiveMesh mesh) {
        this.params = params;
        this.mesh = mesh;
    }

    RecordQuery query() throws ProblemException {
        refuseUnknown();
        RecordQuery query = RecordQuery.ALL
                .limit((int) number("limit", LIMIT, 1, RecordQuery.LIMIT_MAX))
                .before(number("before", Long.MAX_VALUE, 0, Long.MAX_VALUE))
                .after(number("after", -1, -1, Long.MAX_VALUE))
                .between(instant("from", RecordQuery.ALL.from()), instant("to", RecordQuery.ALL.to()));
        if (!query.from().isBefore(query.to())) {
            throw wrong("from", query.from().toString(), "a time before to, " + query.to());
        }
        for (RecordField field : RecordField.values()) {
            Set<String> values = values(field);
            if (!values.isEmpty()) {
                query = query.with(field, values);
            }
        }
        return one("order", List.of("newest", "oldest")).equals("oldest") ? query.inOrder() : query;
    }

    /** Whether the exact bytes are wanted too. */
    boolean entries() throws ProblemException {
        return one(ENTRIES, List.of("false", "true")).equals("true");
    }

    /** The first of them where the parameter is not there. */
    private String one(String name, List<String> known) throws ProblemException {
        String text = one(name, known.getFirst());
        if (!known.contains(text)) {
            throw wrong(name, text, String.join(", ", known));
        }
        return text;
    }

    private void refuseUnknown() throws ProblemException {
        for (String name : params.names()) {
            if (!OTHERS.contains(name) && RecordField.of(name).isEmpty()) {
                Set<String> known = new TreeSet<>(OTHERS);
                Arrays.stream(RecordField.values()).map(RecordField::word).forEach(known::add);
                throw new ProblemException(
                        HttpStatus.BAD_REQUEST,
                        shown(name) + ": unknown parameter (expected: some of " + String.join(", ", known) + ")");
            }
        }
    }

    private Set<String> values(RecordField field) throws ProblemException {
        Set<String> values = new LinkedHashSet<>(params.getAll(field.word()));
        if (values.size() > RecordQuery.VALUES_MAX) {
            throw wrong(field.word(), values.size() + " values", "at most " + RecordQuery.VALUES_MAX);
        }
        for (String value : values) {
            if (value.isEmpty() || value.length() > VALUE_MAX) {
                throw wrong(field.word(), value, "1 to " + VALUE_MAX + " characters");
            }
        }
        return switch (field) {
            case EVENT -> values.isEmpty() ? TRAFFIC : values.equals(Set.of(ANY)) ? Set.of() : values;
            case DECISION -> some(field, values, List.of("allow", "deny", "error"));
            case DIRECTION -> some(field, values, List.of("inbound", "outbound", "connection"));
            case STATUS -> statuses(values);
            case CALLER -> callers(values);
            default -> values;
        };
    }

    private static Set<String> some(RecordField field, Set<String> values, List<String> known) throws ProblemException {
        for (String value : values) {
            if (!known.contains(value)) {
                throw wrong(field.word(), value, String.join(", ", known));
            }
        }
        return values;
    }

    private static Set<String> statuses(Set<String> values) throws ProblemException {
        for (String value : values) {
            if (!STATUS.matcher(value).matches()) {
                throw wrong(RecordField.STATUS.word(), value, "an HTTP status as 503, or a class as 5xx");
            }
        }
        return values;
    }

    /** A service by its name is its SPIFFE ID of today. */
    private Set<String> callers(Set<String> values) throws ProblemException {
        Set<String> callers = new LinkedHashSet<>();
        for (String value : values) {
            boolean service = SERVICE.matcher(value).matches() && !value.equals("anonymous");
            callers.add(service ? Named.service(mesh, value).toString() : value);
        }
        return callers;
    }

    private Instant instant(String name, Instant otherwise) throws ProblemException {
        String text = one(name, "");
        try {
            return text.isEmpty() ? otherwise : Instant.parse(text);
        } catch (DateTimeException e) {
            throw wrong(name, text, "an instant in UTC, as 2027-03-31T12:00:00Z");
        }
    }

    private long number(String name, long otherwise, long least, long most) throws ProblemException {
        String text = one(name, "");
        String expected = most == Long.MAX_VALUE ? "an index of the log" : least + " to " + most;
        try {
            long number = text.isEmpty() ? otherwise : Long.parseLong(text);
            if (!text.isEmpty() && (number < least || number > most)) {
                throw wrong(name, text, expected);
            }
            return number;
        } catch (NumberFormatException e) {
            throw wrong(name, text, expected);
        }
    }

    private String one(String name, String otherwise) throws ProblemException {
        List<String> values = params.getAll(name);
        if (values.size() > 1) {
            throw wrong(name, values.size() + " values", "one");
        }
        return values.isEmpty() ? otherwise : values.getFirst();
    }

    private static ProblemException wrong(String name, String value, String expected) {
        return new ProblemException(
                HttpStatus.BAD_REQUEST, name + ": " + shown(value) + " (expected: " + expected + ")");
    }

    private static String shown(String value) {
        return value.length() <= VALUE_MAX ? value : value.substring(0, VALUE_MAX) + "…";
    }
}
