package dev.sallyport.contract;

import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAnyPackage;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.library.dependencies.SlicesRuleDefinition.slices;

import com.tngtech.archunit.core.importer.ImportOption.DoNotIncludeTests;
import com.tngtech.archunit.junit.AnalyzeClasses;
import com.tngtech.archunit.junit.ArchTest;
import com.tngtech.archunit.lang.ArchRule;

@AnalyzeClasses(packages = "dev.sallyport.contract", importOptions = DoNotIncludeTests.class)
class ArchitectureTest {
    /** Both sides of the wire carry this library: streaming JSON and JOSE, no transport, no databind. */
    @ArchTest
    static final ArchRule dependsOnLibrariesBelowItOnly = classes()
            .should()
            .onlyDependOnClassesThat(resideInAnyPackage(
                    "java..",
                    "org.jspecify..",
                    "com.fasterxml.jackson.core..",
                    "com.nimbusds.jose..",
                    "dev.sallyport.document..",
                    "dev.sallyport.identity..",
                    "dev.sallyport.policy..",
                    "dev.sallyport.contract.."));

    @ArchTest
    static final ArchRule classesAreNamedForTheirJob =
            noClasses().should().haveNameMatching(".*(Manager|Helper|Utils?|Impl)");

    @ArchTest
    static final ArchRule packagesHaveNoCycles = slices().matching("dev.sallyport.contract.(**)")
            .should()
            .beFreeOfCycles()
            .allowEmptyShould(true);
}
