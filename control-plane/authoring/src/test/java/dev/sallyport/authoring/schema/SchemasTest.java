package dev.sallyport.authoring.schema;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.networknt.schema.JsonSchema;
import com.networknt.schema.JsonSchemaFactory;
import com.networknt.schema.SpecVersion.VersionFlag;
import com.networknt.schema.ValidationMessage;
import dev.sallyport.document.InvalidDocumentException;
import dev.sallyport.document.Source;
import dev.sallyport.policy.CanonicalRequest;
import dev.sallyport.policy.DocumentSet;
import dev.sallyport.policy.Reason;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;

class SchemasTest {
    private static final ObjectMapper MAPPER = new ObjectMapper();
    private static final JsonSchemaFactory FACTORY = JsonSchemaFactory.getInstance(VersionFlag.V7);
    private static final String LANGUAGE = language();

    /** A set with every key, which the reader accepts. */
    static String language() {
        try (InputStream in = SchemasTest.class.getResourceAsStream("/dev/sallyport/authoring/language.yaml")) {
            return new String(Optional.ofNullable(in).orElseThrow().readAllBytes(), StandardCharsets.UTF_8);
        } catch (IOException e) {
            throw new AssertionError(e);
        }
    }

    static List<String> kinds() {
        return Schemas.kinds();
    }

    @Test
    void everythingThatTheReaderAcceptsFollowsIt() throws InvalidDocumentException {
        DocumentSet.load(List.of(new Source("language.yaml", LANGUAGE)));

        for (JsonNode document : YamlJson.documents(LANGUAGE)) {
            String kind = document.path("kind").asText();
            assertThat(problems(Schemas.all(), document)).isEmpty();
            assertThat(problems(Schemas.of(kind).orElseThrow(), document))
                    .as(kind)
                    .isEmpty();
        }
    }

    @Test
    void everyExampleFollowsIt() throws IOException {
        try (Stream<Path> files = Files.walk(Path.of("../../deploy/examples"))) {
            List<Path> examples =
                    files.filter(file -> file.toString().endsWith(".yaml")).toList();
            assertThat(examples).isNotEmpty();
            for (Path example : examples) {
                for (JsonNode document : YamlJson.documents(Files.readString(example))) {
                    assertThat(problems(Schemas.all(), document))
                            .as(example.toString())
                            .isEmpty();
                }
            }
        }
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                "kind: Guardrail                    | kind: Guardrial",
                "kind: Guardrail                    | knd: Guardrail",
                "apiVersion: sallyport.dev/v1       | apiVersion: sallyport.dev/v2",
                "{name: shop,                       | {name: Shop,",
                "sallyport.dev/owner: security      | owner: security",
                "trustDomain: shop.example          | trustDomain: Shop.example",
                "trustDomain: shop.example          | trustdomain: shop.example",
                "until: 2027-06-30T12:00:00Z        | x: y",
                "  until: 2027-06-30T12:00:00Z      | ",
                "until: 2027-06-30T12:00:00Z        | until: 30.6.2027",
                "  mode: observe                    | ",
                "mode: strict                       | mode: permissive",
                "https://auth                       | http://auth",
                "[ES256, RS256]                     | [ES256, HS256]",
                "[ES256, RS256]                     | []",
                "clockSkew: 2m                      | clockSkew: 2 minutes",
                "dept: string                       | dept: text",
                "dept: string                       | sub: string",
                "spiffe://shop.example/ns/edge/sa/web} | shop.example/ns/edge/sa/web}",
                "8080: http                         | 8080: htpp",
                "{8080: http, 9090: grpc, 5432: tcp} | {}",
                "[pay.example:80                    | [pay.example",
                "8080: {encodedSlash                | http: {encodedSlash",
                "8080: {encodedSlash                | all: {encodedSlash",
                "9090: {overrideHeaders: x-host}    | 9090: {}",
                "9090: {overrideHeaders: x-host}    | 9090: data",
                "encodedSlash: data                 | encodedSlash: true",
                "encodedSlash: data                 | encodedSlash: allow",
                "emptySegments: data                | emptySegment: data",
                "matrixParameters: data             | all: data",
                "[forwarded, x-forwarded-prefix]    | [forwarded, x-request-id]",
                "[forwarded, x-forwarded-prefix]    | [Forwarded]",
                "[forwarded, x-forwarded-prefix]    | []",
                "case: sensitive                    | case: any",
                "trailingSlash: significant         | trailingSlash: redirect",
                "paths: {case: sensitive, trailingSlash: significant} | paths: {}",
                "socket: {address: unix:/run/opa.sock} | socket: {address: opa.example:8181}",
                "{service: opa, port: 8181          | {service: opa, address: 127.0.0.1:1, port: 8181",
                "port: 8181, concurrency            | concurrency",
                "POST /charges/{id}                 | post /charges/{id}",
                "POST /charges/{id}                 | /charges/{id}",
                "POST /charges/{id}                 | POST /charges/{id}x",
                "POST /charges/{id}                 | POST  /charges",
                "POST /charges/{id}                 | POST /a/**/b",
                "POST /charges/{id}                 | CONNECT /a",
                "tcp 5432                           | tcp 0",
                "grpc pay.v1.Payments/Charge        | grpc pay.v1.Payments",
                "[pay.shop.example                  | [Pay.shop.example",
                "headers: {x-tenant: acme}          | headers: {X-Tenant: acme}",
                "headers: {x-tenant: acme}          | headers: {}",
                "query: {mode: [full, brief]}       | query: {mode: []}",
                "rate: 50/s                         | rate: 50",
                "rate: 50/s                         | rate: 0/s",
                "rate: 50/s                         | rate: 50/d",
                "per: user                          | per: users",
                ", per: user                        | ",
                "audit: required                    | audit: always",
                "path.id: no                        | path.id: never",
                "header.x-amount-cents: clear       | x-amount-cents: clear",
                "[spiffe://shop.example/ns/*/sa/orders | [spiffe://shop.example/ns/a*/sa/orders",
                "[spiffe://shop.example/ns/*/sa/orders | ['*'",
                "{from: orders, user: none}         | {from: [], user: none}",
                "{from: orders, user: none}         | {from: [orders, orders], user: none}",
                "{from: orders, user: none}         | {user: none}",
                "{from: orders, user: none}         | {from: orders}",
                "{from: orders, user: none}         | {from: orders, user: any}",
                "{from: orders, user: none}         | {from: orders, user: {}}",
                "{from: orders, user: none}         | {from: orders, user: none, form: orders}",
                "{from: orders, user: none}         | {from: orders, user: none, when: true}",
                "{from: orders, user: none}         | {from: orders, user: none, expires: tomorrow}",
                "{from: orders, user: none}         | {from: orders, user: none, opa: local}",
                "{from: orders, user: none}         | {from: orders, user: none, opa: {target: local}}",
                "{from: orders, user: none}         | {from: orders, user: none, forwardToken: maybe}",
                "allow: {web: {from: web, user: optional}} | allow: {}",
                "allow: {web: {from: web, user: optional}} | allow: [{from: web, user: optional}]",
                "allow: {web: {from: web, user: optional}} | deny: {}",
                "  service: payment                 | ",
                "{to: [payment], unlessUser: required} | {to: [payment], unlessUser: optional}",
                "{to: [payment], unlessUser: required} | {unlessUser: required}",
                "[/admin/**                         | [admin/**",
                "[JWT, at+jwt]                      | [JWT, JWE]",
                "[JWT, at+jwt]                      | []",
                "maxStale: 36h                      | maxStale: 1.5d",
                "[10.20.0.0/16,                     | [10.20/16,",
                "[10.20.0.0/16,                     | [10.20.0.0/016,",
                "[10.20.0.0/16,                     | [keys.shop.example,",
                "tokenHeader: x-access-token        | tokenHeader: authorization",
                "tokenHeader: x-access-token        | tokenHeader: x-forwarded-token",
                "tokenHeader: x-access-token        | tokenHeader: x_access_token",
                "verifiedBy: [web]                  | verifiedBy: []",
                "propagate: [dept                   | propagate: [[dept]",
                "via: {from: [web, payment], maxHops: 3} | via: {from: [web, payment]}",
                "via: {from: [web, payment], maxHops: 3} | via: {maxHops: 3}",
                "via: {from: [web, payment], maxHops: 3} | via: {from: [], maxHops: 3}",
                "via: {from: [web, payment], maxHops: 3} | via: [web, payment]",
                "maxHops: 3                         | maxHops: 0",
                "maxHops: 3                         | maxHops: 9",
                "forwardUnverified: true            | forwardUnverified: maybe",
                "via: [web, orders]                 | via: []",
                "via: [web, orders]                 | via: {from: web}",
                "as: alice, request                 | as: alice, token: expired, request",
                "token: expired                     | token: forged",
                "request: POST /charges/1           | request: /charges/1",
                "expect: allow, rule                | expect: allowed, rule",
                "reason: role_missing               | reason: no_role",
                "guardrail, status: 403             | guardrail, status: four",
                "iat: -1m                           | iat: 1m",
                "neverFrom: \"*\"                   | never: \"*\"",
                "neverWithout: user                 | neverWithout: nobody",
            })
    void whatIsNoPartOfTheLanguageIsRefused(String right, String wrong) {
        assertThat(LANGUAGE).contains(right.strip());

        String changed = LANGUAGE.replace(
                right.strip(), Optional.ofNullable(wrong).orElse("").strip());

        assertThat(YamlJson.documents(changed))
                .anyMatch(document -> !problems(Schemas.all(), document).isEmpty());
    }

    @ParameterizedTest
    @MethodSource("kinds")
    void eachKindStandsAloneAndExplainsEveryKey(String kind) throws IOException {
        String schema = Schemas.of(kind).orElseThrow();
        JsonNode root = MAPPER.readTree(schema);

        assertThat(problems(metaSchema(), root)).isEmpty();
        assertThat(root.path("$id").asText()).isEqualTo("https://sallyport.dev/schema/v1/" + kind + ".json");
        assertThat(root.findValuesAsText("$ref"))
                .allMatch(ref -> root.at(ref.substring(1)).isObject(), "leads to a definition of this file");
        objects(root).forEach(object -> {
            if (object.has("properties") && object.path("type").asText().equals("object")) {
                assertThat(object.path("additionalProperties").asText())
                        .as(object.toString())
                        .isEqualTo("false");
                object.path("properties")
                        .forEach(key -> assertThat(described(root, key))
                                .as(key.toString())
                                .isTrue());
            }
            // Draft-07 section 8.3: beside a $ref nothing counts.
            assertThat(object.has("$ref") && object.size() > 1)
                    .as(object.toString())
                    .isFalse();
        });
    }

    @Test
    void unionIsASchemaToo() throws IOException {
        assertThat(problems(metaSchema(), MAPPER.readTree(Schemas.all()))).isEmpty();
        assertThat(Schemas.of("routepolicy"))
                .isEqualTo(Schemas.of("RoutePolicy"))
                .isPresent();
        assertThat(Schemas.of("Gateway")).isEmpty();
    }

    @Test
    void reasonsAreThoseOfTheEngine() throws IOException {
        JsonNode reasons = MAPPER.readTree(Schemas.all()).at("/definitions/reason/enum");
        JsonNode tokens = MAPPER.readTree(Schemas.all()).at("/definitions/token/enum");

        assertThat(reasons)
                .extracting(JsonNode::asText)
                .containsExactlyElementsOf(
                        Arrays.stream(Reason.values()).map(Reason::code).toList());
        assertThat(tokens)
                .extracting(JsonNode::asText)
                .containsExactlyElementsOf(Arrays.stream(Reason.values())
                        .filter(Reason::isToken)
                        .map(reason -> reason.code().substring("token_".length()))
                        .toList());
    }

    @Test
    void headersThatMayBeRelaxedAreThoseOfTheEngine() throws IOException {
        assertThat(MAPPER.readTree(Schemas.all()).at("/definitions/overrideHeader/enum"))
                .extracting(JsonNode::asText)
                .containsExactlyElementsOf(CanonicalRequest.overridingHeaders());
    }

    private static boolean described(JsonNode root, JsonNode schema) {
        return schema.has("description")
                || schema.has("$ref")
                        && described(root, root.at(schema.path("$ref").asText().substring(1)));
    }

    private static List<JsonNode> objects(JsonNode node) {
        Stream<JsonNode> below = node.valueStream().flatMap(child -> objects(child).stream());
        return Stream.concat(node.isObject() ? Stream.of(node) : Stream.empty(), below)
                .toList();
    }

    private static String metaSchema() {
        return "{\"$ref\": \"http://json-schema.org/draft-07/schema#\"}";
    }

    private static List<String> problems(String schema, JsonNode document) {
        try {
            JsonSchema compiled = FACTORY.getSchema(MAPPER.readTree(schema));
            return compiled.validate(document).stream()
                    .map(ValidationMessage::toString)
                    .toList();
        } catch (IOException e) {
            throw new AssertionError(schema, e);
        }
    }
}
