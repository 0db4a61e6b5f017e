package dev.sallyport.identity;

import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAnyPackage;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.library.dependencies.SlicesRuleDefinition.slices;

import com.tngtech.archunit.core.importer.ImportOption.DoNotIncludeTests;
import com.tngtech.archunit.junit.AnalyzeClasses;
import com.tngtech.archunit.junit.ArchTest;
import com.tngtech.archunit.lang.ArchRule;

@AnalyzeClasses(packages = "dev.sallyport.identity", importOptions = DoNotIncludeTests.class)
class ArchitectureTest {
    /** Every process carries this library: what it needs, all of them would have to trust. */
    @ArchTest
    static final ArchRule dependsOnTheJdkOnly = classes()
            .should()
            .onlyDependOnClassesThat(resideInAnyPackage(
                    "java..",
                    "javax.net.ssl..",
                    "javax.security.auth.x500..",
                    "org.jspecify..",
                    "dev.sallyport.identity.."));

    /** JSSE's key and trust managers have their names from the platform. */
    @ArchTest
    static final ArchRule classesAreNamedForTheirJob = noClasses()
            .that()
            .areNotAssignableTo(javax.net.ssl.KeyManager.class)
            .and()
            .areNotAssignableTo(javax.net.ssl.TrustManager.class)
            .should()
            .haveNameMatching(".*(Manager|Helper|Utils?|Impl)");

    @ArchTest
    static final ArchRule packagesHaveNoCycles = slices().matching("dev.sallyport.identity.(**)")
            .should()
            .beFreeOfCycles()
            .allowEmptyShould(true);
}
