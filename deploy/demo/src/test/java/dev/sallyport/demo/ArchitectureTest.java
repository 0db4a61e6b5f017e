package dev.sallyport.demo;

import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAnyPackage;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;

import com.tngtech.archunit.core.importer.ImportOption.DoNotIncludeTests;
import com.tngtech.archunit.junit.AnalyzeClasses;
import com.tngtech.archunit.junit.ArchTest;
import com.tngtech.archunit.lang.ArchRule;

@AnalyzeClasses(packages = "dev.sallyport.demo", importOptions = DoNotIncludeTests.class)
class ArchitectureTest {
    /** The shop stands for anybody's services: it must not share code with what protects it. */
    @ArchTest
    static final ArchRule knowsNothingOfSallyport = classes()
            .should()
            .onlyDependOnClassesThat(resideInAnyPackage(
                    "java..",
                    "javax.net.ssl..",
                    "com.sun.net.httpserver..",
                    "com.nimbusds..",
                    "org.jspecify..",
                    "dev.sallyport.demo.."));

    /** Five of the demo's processes are this small server; Nimbus would double their start. */
    @ArchTest
    static final ArchRule servicesLoadNoNimbus = noClasses()
            .that()
            .haveNameNotMatching(".*\\.(DemoIssuer|TokenRequest|BaoServer)(\\$.*)?")
            .should()
            .dependOnClassesThat(resideInAnyPackage("com.nimbusds.."));

    @ArchTest
    static final ArchRule classesAreNamedForTheirJob =
            noClasses().should().haveNameMatching(".*(Manager|Helper|Utils?|Impl)");
}
