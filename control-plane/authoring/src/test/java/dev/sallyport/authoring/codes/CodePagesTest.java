package dev.sallyport.authoring.codes;

import static org.assertj.core.api.Assertions.assertThat;

import com.tngtech.archunit.core.domain.JavaField;
import com.tngtech.archunit.core.domain.JavaModifier;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import dev.sallyport.authoring.Finding;
import dev.sallyport.authoring.Lint;
import dev.sallyport.document.Source;
import java.lang.reflect.Field;
import java.time.Instant;
import java.util.Collection;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class CodePagesTest {
    private static final Instant NOW = Instant.parse("2026-03-02T10:00:00Z");
    private static final String MESH = """
            trustDomain: shop.example
            issuers: {shop: {issuer: https://auth.shop.example, audiences: [shop-api], algorithms: [ES256], maxTokenAge: 1h, claims: {dept: string}, verifiedBy: [web]}}
            services: {web: {identity: spiffe://shop.example/sa/web}, orders: {identity: spiffe://shop.example/sa/orders}, payment: {identity: spiffe://shop.example/sa/payment, ports: {8080: http, 9090: grpc, 5432: tcp}}}
            opa: {local: {address: 127.0.0.1:8181}}
            """;
    private static final String GUARDRAIL = """
            deny: {admin: {to: [payment], match: /admin/**}}
            """;
    private static final String POLICY = """
            service: payment
            routes: {read: {match: GET /charges, allow: {web: {from: [web], user: required}}}}
            """;

    static Collection<CodePage> pages() {
        return CodePages.ofDocuments();
    }

    /** A code without a page would be a message that nobody explains. Constants of every class count, so that a new family cannot be forgotten. */
    @Test
    void everyCodeHasAPageAndEveryPageACode() {
        Set<String> codes = new ClassFileImporter()
                        .withImportOption(new ImportOption.DoNotIncludeTests())
                        .importPackages("dev.sallyport.document", "dev.sallyport.policy", "dev.sallyport.authoring")
                        .stream()
                        .flatMap(type -> type.getFields().stream())
                        .filter(field -> field.getModifiers().contains(JavaModifier.STATIC)
                                && field.getRawType().isEquivalentTo(String.class))
                        .map(CodePagesTest::value)
                        .filter(value -> value.matches("SP\\d{4}"))
                        .collect(Collectors.toCollection(TreeSet::new));

        assertThat(CodePages.ofDocuments()).extracting(CodePage::code).containsExactlyElementsOf(codes);
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("pages")
    void exampleTriggersTheCodeAndWhatToWriteInsteadDoesNot(CodePage page) {
        assertThat(page.title()).doesNotEndWith(".");
        assertThat(page.means()).endsWith(".");
        page.wrong().ifPresent(wrong -> assertThat(codes(page, wrong)).contains(page.code()));
        page.right().ifPresent(right -> {
            List<Finding> findings = Lint.check(sources(page, right), NOW);
            assertThat(findings).allMatch(finding -> finding.severity() == Finding.Severity.WARNING);
            assertThat(codes(page, right)).doesNotContain(page.code());
        });
    }

    @Test
    void onlyWhatIsTooLargeHasNoExample() {
        assertThat(CodePages.ofDocuments())
                .filteredOn(page -> page.wrong().isEmpty())
                .extracting(CodePage::code)
                .containsExactly("SP0008", "SP0303", "SP0909");
    }

    @Test
    void pageOfACheckNamesCommandsAndNoExample() {
        assertThat(CodePages.ofChecks()).isNotEmpty().allSatisfy(page -> {
            assertThat(page.code()).matches("SP1\\d{3}");
            assertThat(page.title()).doesNotEndWith(".");
            assertThat(page.means()).endsWith(".");
            assertThat(page.place()).isEqualTo("check");
            assertThat(page.wrong()).isEmpty();
            assertThat(page.right()).isPresent();
        });
        assertThat(CodePages.all()).containsAll(CodePages.ofDocuments()).containsAll(CodePages.ofChecks());
        assertThat(CodePages.of("SP1101")).isPresent();
    }

    @Test
    void pageIsFoundInAnyCaseAndNoOtherIs() {
        assertThat(CodePages.of("sp0301")).map(CodePage::code).contains("SP0301");
        assertThat(CodePages.of("SP9999")).isEmpty();
    }

    private static List<String> codes(CodePage page, String example) {
        return Lint.check(sources(page, example), NOW).stream()
                .map(finding -> finding.problem().code())
                .toList();
    }

    private static List<Source> sources(CodePage page, String example) {
        if (page.place().equals("set")) {
            return List.of(new Source("example.yaml", example));
        }
        Stream<Source> base = Stream.of(
                document("Mesh", "shop", MESH, page, example),
                document("RoutePolicy", "payment", POLICY, page, example),
                document("Guardrail", "admin", GUARDRAIL, page, example));
        return switch (page.place()) {
            case "PolicyTest" ->
                Stream.concat(base, Stream.of(document("PolicyTest", "payment", "", page, example)))
                        .toList();
            case "text" ->
                Stream.concat(base, Stream.of(new Source("example.yaml", example)))
                        .toList();
            default -> base.toList();
        };
    }

    /** The example's keys instead of those of the same name. */
    private static Source document(String kind, String name, String spec, CodePage page, String example) {
        String own = page.place().equals(kind) ? example : "";
        String kept = spec.lines()
                .filter(line -> !("\n" + own).contains("\n" + line.substring(0, line.indexOf(' '))))
                .collect(Collectors.joining("\n"));
        return new Source(
                kind + ".yaml",
                "apiVersion: sallyport.dev/v1\nkind: %s\nmetadata: {name: %s}\nspec:\n%s\n"
                        .formatted(kind, name, (kept + "\n" + own).strip().indent(2)));
    }

    private static String value(JavaField field) {
        try {
            Field reflected = field.reflect();
            reflected.setAccessible(true);
            return Optional.ofNullable(reflected.get(null)).map(String::valueOf).orElse("");
        } catch (IllegalAccessException e) {
            throw new AssertionError(field.getFullName(), e);
        }
    }
}
