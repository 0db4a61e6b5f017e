package dev.sallyport.policy;

import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAnyPackage;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.library.dependencies.SlicesRuleDefinition.slices;

import com.tngtech.archunit.core.importer.ImportOption.DoNotIncludeTests;
import com.tngtech.archunit.junit.AnalyzeClasses;
import com.tngtech.archunit.junit.ArchTest;
import com.tngtech.archunit.lang.ArchRule;

@AnalyzeClasses(packages = "dev.sallyport.policy", importOptions = DoNotIncludeTests.class)
class ArchitectureTest {
    /** What is not in this list is not on the class path of a sidecar by our doing. */
    @ArchTest
    static final ArchRule dependsOnlyOnItsLibraries = classes()
            .should()
            .onlyDependOnClassesThat(resideInAnyPackage(
                    "java..",
                    "org.jspecify..",
                    "com.fasterxml.jackson.core..",
                    "dev.cel.common..",
                    "dev.cel.expr..",
                    "dev.cel.runtime..",
                    "com.google.protobuf..",
                    "com.google.common.collect", // the lists of dev.cel's trees
                    "dev.sallyport.document..",
                    "dev.sallyport.identity..",
                    "dev.sallyport.policy.."));

    /** So that a policy without conditions loads none of it. */
    @ArchTest
    static final ArchRule conditionsStayBehindTheExpression = noClasses()
            .that()
            .haveNameNotMatching(".*\\.(Expression|CheckedCondition).*")
            .should()
            .dependOnClassesThat()
            .resideInAnyPackage("dev.cel..", "com.google..");

    @ArchTest
    static final ArchRule classesAreNamedForTheirJob =
            noClasses().should().haveNameMatching(".*(Manager|Helper|Utils?|Impl)");

    @ArchTest
    static final ArchRule packagesHaveNoCycles = slices().matching("dev.sallyport.policy.(**)")
            .should()
            .beFreeOfCycles()
            .allowEmptyShould(true);
}
