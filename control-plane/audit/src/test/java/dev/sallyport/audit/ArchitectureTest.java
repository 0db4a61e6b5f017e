package dev.sallyport.audit;

import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAnyPackage;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.library.dependencies.SlicesRuleDefinition.slices;

import com.tngtech.archunit.core.importer.ImportOption.DoNotIncludeTests;
import com.tngtech.archunit.junit.AnalyzeClasses;
import com.tngtech.archunit.junit.ArchTest;
import com.tngtech.archunit.lang.ArchRule;

@AnalyzeClasses(packages = "dev.sallyport.audit", importOptions = DoNotIncludeTests.class)
class ArchitectureTest {
    /** What verifies the record must not need what wrote it: no policy, no transport. */
    @ArchTest
    static final ArchRule dependsOnLibrariesBelowItOnly = classes()
            .should()
            .onlyDependOnClassesThat(resideInAnyPackage(
                    "java..",
                    "javax.crypto..",
                    "org.jspecify..",
                    "com.fasterxml.jackson.core..",
                    "dev.sallyport.identity..",
                    "dev.sallyport.audit.."));

    @ArchTest
    static final ArchRule classesAreNamedForTheirJob =
            noClasses().should().haveNameMatching(".*(Manager|Helper|Utils?|Impl)");

    @ArchTest
    static final ArchRule packagesHaveNoCycles = slices().matching("dev.sallyport.audit.(**)")
            .should()
            .beFreeOfCycles()
            .allowEmptyShould(true);
}
