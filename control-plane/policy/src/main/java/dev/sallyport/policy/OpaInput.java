package dev.sallyport.policy;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.time.Instant;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;

/**
 * What OPA is told of a request, {@code {"input": …}} in UTF-8: facts that were proven or judged already, never a token. Under {@code user} is whom the rule itself has proven, under
 * {@code request.headers} every value of each header that the query names and the request has, under {@code path} the values of the template's variables as the path spells them.
 * Pure; any thread.
 */
public final class OpaInput {
    /** The longest document; a request that needs a longer one is not asked about. */
    public static final int BYTES_MAX = 64 * 1024;

    /** OPA keeps its inputs in a decision log: whoever reads that log could act as the user. */
    private static final Set<String> CREDENTIALS =
            Set.of("authorization", "proxy-authorization", "cookie", "txn-token");

    private static final JsonFactory FACTORY = new JsonFactory();

    private OpaInput() {}

    /**
     * The document of one question. {@code proof}: where the rule that asks looks for its user; if nowhere, no user is named, nor a token read. {@code now}: the time of the request.
     * Refused as {@code opa_error}: more than {@link #BYTES_MAX}, a query for a header that carries credentials.
     */
    public static byte[] of(Decision.Ask ask, RequestFacts facts, Decision.Proof proof, Mesh mesh, Instant now)
            throws RequestRejectedException {
        for (String header : ask.query().headers()) {
            if (CREDENTIALS.contains(header)) {
                throw refused("header " + header + " (expected: one that carries no credentials)");
            }
        }
        ByteArrayOutputStream out = new ByteArrayOutputStream(512);
        try (JsonGenerator json = FACTORY.createGenerator(out)) {
            json.writeStartObject();
            json.writeObjectFieldStart("input");
            writeCaller(json, facts, mesh);
            Optional<User> user = proof.user(facts);
            if (user.isPresent()) {
                writeUser(json, user.get());
            }
            writeRequest(json, facts, ask.query());
            writePath(json, facts, ask.matched());
            json.writeStringField("service", ask.rule().service());
            json.writeStringField("route", ask.matched().name());
            json.writeStringField("rule", ask.rule().toString());
            json.writeStringField("time", now.toString());
            json.writeEndObject();
            json.writeEndObject();
        } catch (IOException impossible) {
            throw new UncheckedIOException("writing to memory", impossible);
        }
        if (out.size() > BYTES_MAX) {
            throw refused(out.size() + " bytes (expected: at most " + BYTES_MAX + ")");
        }
        return out.toByteArray();
    }

    private static void writeCaller(JsonGenerator json, RequestFacts facts, Mesh mesh) throws IOException {
        json.writeObjectFieldStart("caller");
        if (facts.caller().isPresent()) {
            json.writeStringField("id", facts.caller().get().toString());
            var service = facts.caller().flatMap(mesh::serviceOf);
            if (service.isPresent()) {
                json.writeStringField("service", service.get().name());
            }
        }
        json.writeEndObject();
    }

    /** {@code issuer} is the Mesh's name for it; {@code iat} in seconds, 0 where the token does not say, which no rule can take for young. */
    private static void writeUser(JsonGenerator json, User user) throws IOException {
        json.writeObjectFieldStart("user");
        json.writeStringField("issuer", user.issuer());
        json.writeStringField("sub", user.subject());
        writeField(json, "roles", user.roles());
        writeField(json, "scopes", user.scopes());
        json.writeObjectFieldStart("claims");
        for (Map.Entry<String, Object> claim : new TreeMap<>(user.claims()).entrySet()) {
            writeField(json, claim.getKey(), claim.getValue());
        }
        json.writeEndObject();
        json.writeNumberField("iat", user.issuedAt().getEpochSecond());
        if (!user.carriedBy().isEmpty()) {
            writeField(json, "via", user.carriedBy());
        }
        json.writeEndObject();
    }

    private static void writeRequest(JsonGenerator json, RequestFacts facts, OpaQuery query) throws IOException {
        json.writeObjectFieldStart("request");
        json.writeStringField("method", facts.method());
        json.writeStringField("host", facts.host());
        json.writeStringField("path", facts.path());
        if (facts.query().isPresent()) {
            json.writeStringField("query", facts.query().get());
        }
        json.writeObjectFieldStart("headers");
        for (String name : query.headers()) {
            List<String> values = facts.header(name);
            if (!values.isEmpty()) { // An empty list would be true to Rego.
                writeField(json, name, values);
            }
        }
        json.writeEndObject();
        json.writeEndObject();
    }

    private static void writePath(JsonGenerator json, RequestFacts facts, Decision.MatchedRoute matched)
            throws IOException {
        json.writeObjectFieldStart("path");
        if (matched.match().template().isPresent()) {
            Map<String, String> variables = matched.match().template().get().variables(facts.path());
            for (Map.Entry<String, String> variable : variables.entrySet()) {
                json.writeStringField(variable.getKey(), variable.getValue());
            }
        }
        json.writeEndObject();
    }

    /** The types that a declared claim can have. */
    private static void writeField(JsonGenerator json, String name, Object value) throws IOException {
        switch (value) {
            case Boolean flag -> json.writeBooleanField(name, flag);
            case Long number -> json.writeNumberField(name, number);
            case Collection<?> items -> {
                json.writeArrayFieldStart(name);
                for (Object item : items) {
                    json.writeString(item.toString());
                }
                json.writeEndArray();
            }
            default -> json.writeStringField(name, value.toString());
        }
    }

    private static RequestRejectedException refused(String detail) {
        return new RequestRejectedException(Reason.OPA_ERROR, "OPA input: " + detail);
    }
}
