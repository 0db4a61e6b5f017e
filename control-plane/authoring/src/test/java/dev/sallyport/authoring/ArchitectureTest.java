package dev.sallyport.authoring;

import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAnyPackage;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.library.dependencies.SlicesRuleDefinition.slices;

import com.tngtech.archunit.core.importer.ImportOption.DoNotIncludeTests;
import com.tngtech.archunit.junit.AnalyzeClasses;
import com.tngtech.archunit.junit.ArchTest;
import com.tngtech.archunit.lang.ArchRule;

@AnalyzeClasses(packages = "dev.sallyport.authoring", importOptions = DoNotIncludeTests.class)
class ArchitectureTest {
    /** What is not in this list is not on the class path of a sidecar by our doing. */
    @ArchTest
    static final ArchRule dependsOnlyOnItsLibraries = classes()
            .should()
            .onlyDependOnClassesThat(resideInAnyPackage(
                    "java..",
                    "org.jspecify..",
                    "org.snakeyaml.engine..",
                    "com.fasterxml.jackson.core..",
                    "dev.cel..",
                    "com.google.common.collect", // dev.cel's types are made of its maps
                    "dev.sallyport.document..",
                    "dev.sallyport.identity..",
                    "dev.sallyport.policy..",
                    "dev.sallyport.authoring.."));

    @ArchTest
    static final ArchRule classesAreNamedForTheirJob =
            noClasses().should().haveNameMatching(".*(Manager|Helper|Utils?|Impl)");

    @ArchTest
    static final ArchRule packagesHaveNoCycles = slices().matching("dev.sallyport.authoring.(**)")
            .should()
            .beFreeOfCycles()
            .allowEmptyShould(true);
}
