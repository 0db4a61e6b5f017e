package dev.sallyport.authority;

import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAnyPackage;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.library.dependencies.SlicesRuleDefinition.slices;

import com.tngtech.archunit.core.importer.ImportOption.DoNotIncludeTests;
import com.tngtech.archunit.junit.AnalyzeClasses;
import com.tngtech.archunit.junit.ArchTest;
import com.tngtech.archunit.lang.ArchRule;

@AnalyzeClasses(packages = "dev.sallyport.authority", importOptions = DoNotIncludeTests.class)
class ArchitectureTest {
    @ArchTest
    static final ArchRule dependsOnlyOnItsLibraries = classes()
            .should()
            .onlyDependOnClassesThat(resideInAnyPackage(
                    "java..",
                    "javax.crypto..",
                    "javax.net.ssl..",
                    "javax.security.auth.x500..",
                    "org.jspecify..",
                    "org.bouncycastle..",
                    "io.github.jopenlibs..",
                    "org.slf4j..",
                    "dev.sallyport.document..",
                    "dev.sallyport.identity..",
                    "dev.sallyport.authority.."));

    /** Callers meet certificates of the JDK only, so that the library below can be exchanged. */
    @ArchTest
    static final ArchRule bouncyCastleStaysInside = noClasses()
            .that()
            .arePublic()
            .and()
            .doNotHaveSimpleName("EmbeddedAuthority")
            .and()
            .doNotHaveSimpleName("PeopleAuthority")
            .should()
            .dependOnClassesThat()
            .resideInAPackage("org.bouncycastle..");

    /** Its oddities are known in one place, and it can be replaced there. */
    @ArchTest
    static final ArchRule theDriverOfVaultStaysInItsGateway = noClasses()
            .that()
            .haveNameNotMatching(".*\\.VaultGateway(\\$.*)?")
            .should()
            .dependOnClassesThat()
            .resideInAPackage("io.github.jopenlibs..");

    /** Peers' certificates are checked by the platform alone: only what we are about to hand out is judged by other arithmetic. */
    @ArchTest
    static final ArchRule onlyWhoHandsOutLeavesChecksThemOtherwise = noClasses()
            .that()
            .doNotHaveSimpleName("LeafSigner")
            .and()
            .doNotHaveSimpleName("SignedLeaf")
            .and()
            .doNotHaveSimpleName("FreshLeaf")
            .should()
            .dependOnClassesThat()
            .haveSimpleName("FreshLeaf");

    @ArchTest
    static final ArchRule classesAreNamedForTheirJob =
            noClasses().should().haveNameMatching(".*(Manager|Helper|Utils?|Impl)");

    @ArchTest
    static final ArchRule packagesHaveNoCycles = slices().matching("dev.sallyport.authority.(**)")
            .should()
            .beFreeOfCycles()
            .allowEmptyShould(true);
}
