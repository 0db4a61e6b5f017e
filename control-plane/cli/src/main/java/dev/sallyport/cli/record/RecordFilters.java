package dev.sallyport.cli.record;

import dev.sallyport.audit.RecordField;
import dev.sallyport.audit.RecordLine;
import dev.sallyport.cli.ControlPlaneApi;
import dev.sallyport.cli.Invocation;
import java.time.Instant;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import picocli.CommandLine.Option;

/** Which records: the same options for every command that reads them, as the API's parameters. Several values of one mean any of them. */
final class RecordFilters {
    @Option(names = "--from", paramLabel = "TIME", description = "from this time on: -15m, a day, or a moment in UTC")
    private Optional<String> from = Optional.empty();

    @Option(names = "--to", paramLabel = "TIME", description = "before this time")
    private Optional<String> to = Optional.empty();

    @Option(
            names = "--caller",
            paramLabel = "SERVICE|ID",
            description = "who called: a service, a SPIFFE ID, or anonymous")
    private List<String> caller = List.of();

    @Option(names = "--callee", paramLabel = "SERVICE", description = "who was called")
    private List<String> callee = List.of();

    @Option(
            names = "--user",
            paramLabel = "WORD",
            description = "for whom, as it is on record: k-… or the subject in the clear")
    private List<String> user = List.of();

    @Option(names = "--route", paramLabel = "ROUTE", description = "the route's name")
    private List<String> route = List.of();

    @Option(names = "--method", paramLabel = "METHOD", description = "the HTTP method")
    private List<String> method = List.of();

    @Option(names = "--status", paramLabel = "STATUS", description = "the HTTP status, or a class of them: 503, 5xx")
    private List<String> status = List.of();

    @Option(names = "--decision", paramLabel = "WORD", description = "allow, deny or error")
    private List<String> decision = List.of();

    @Option(names = "--reason", paramLabel = "CODE", description = "why: caller_not_allowed, no_route, …")
    private List<String> reason = List.of();

    @Option(names = "--rule", paramLabel = "RULE", description = "the rule that allowed, or the guardrail that denied")
    private List<String> rule = List.of();

    @Option(names = "--direction", paramLabel = "WORD", description = "inbound, outbound or connection")
    private List<String> direction = List.of();

    @Option(names = "--stream", paramLabel = "STREAM", description = "the sidecar's log that it comes from")
    private List<String> stream = List.of();

    @Option(names = "--trace", paramLabel = "ID", description = "the trace id")
    private List<String> trace = List.of();

    @Option(
            names = "--event",
            paramLabel = "EVENT",
            description = "request, connection (both by default), request.intent, audit.log, …, any")
    private List<String> event = List.of();

    private Map<RecordField, List<String>> fields() {
        Map<RecordField, List<String>> fields = new EnumMap<>(RecordField.class);
        fields.put(RecordField.CALLER, caller);
        fields.put(RecordField.CALLEE, callee);
        fields.put(RecordField.USER, user);
        fields.put(RecordField.ROUTE, route);
        fields.put(RecordField.METHOD, method);
        fields.put(RecordField.STATUS, status);
        fields.put(RecordField.DECISION, decision);
        fields.put(RecordField.REASON, reason);
        fields.put(RecordField.RULE, rule);
        fields.put(RecordField.DIRECTION, direction);
        fields.put(RecordField.STREAM, stream);
        fields.put(RecordField.TRACE, trace);
        fields.put(RecordField.EVENT, event);
        fields.values().removeIf(List::isEmpty);
        return fields;
    }

    /** As the API's query; {@code more}: further parameters, name and value in turn, {@code ""} leaves one out. */
    String query(Invocation invocation, Instant now, String... more) {
        List<String> pairs = new ArrayList<>(List.of(more));
        from.ifPresent(text -> pairs.addAll(
                List.of("from", moment(invocation, "--from", text, now).toString())));
        to.ifPresent(text ->
                pairs.addAll(List.of("to", moment(invocation, "--to", text, now).toString())));
        fields().forEach((field, values) -> values.forEach(value -> pairs.addAll(List.of(field.word(), value))));
        return ControlPlaneApi.query(pairs.toArray(String[]::new));
    }

    boolean isFrom() {
        return from.isPresent();
    }

    private static Instant moment(Invocation invocation, String option, String text, Instant now) {
        return Moment.parse(text, now)
                .orElseThrow(() -> invocation.usage(option + ": " + Cut.of(text) + " (" + Moment.EXPECTED + ")"));
    }

    /** What the API would find, of a line of a sidecar's own log. */
    boolean matches(Invocation invocation, RecordLine line, Instant now) {
        return from.map(text -> !line.time().isBefore(moment(invocation, "--from", text, now)))
                        .orElse(true)
                && to.map(text -> line.time().isBefore(moment(invocation, "--to", text, now)))
                        .orElse(true)
                && isTraffic(line)
                && fields().entrySet().stream()
                        .allMatch(filter -> filter.getValue().stream()
                                .anyMatch(value -> means(filter.getKey(), value, line.value(filter.getKey()))));
    }

    private boolean isTraffic(RecordLine line) {
        String found = line.value(RecordField.EVENT);
        return !event.isEmpty() || found.equals("request") || found.equals("connection");
    }

    private static boolean means(RecordField field, String wanted, String found) {
        return wanted.equals(found)
                || switch (field) {
                    case CALLER -> found.startsWith("spiffe://") && found.endsWith("/" + wanted);
                    case STATUS -> wanted.endsWith("xx") && !found.isEmpty() && wanted.charAt(0) == found.charAt(0);
                    case EVENT -> wanted.equals("any");
                    default -> false;
                };
    }
}
