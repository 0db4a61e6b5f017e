package dev.sallyport.server;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.library.dependencies.SlicesRuleDefinition.slices;

import com.tngtech.archunit.core.importer.ImportOption;
import com.tngtech.archunit.junit.AnalyzeClasses;
import com.tngtech.archunit.junit.ArchTest;
import com.tngtech.archunit.lang.ArchRule;

/** What the control plane may lean on. */
@AnalyzeClasses(packages = "dev.sallyport.server", importOptions = ImportOption.DoNotIncludeTests.class)
class ArchitectureTest {
    @ArchTest
    static final ArchRule NO_OTHER_PROCESS = noClasses()
            .should()
            .dependOnClassesThat()
            .resideInAnyPackage("dev.sallyport.proxy..", "dev.sallyport.cli..", "dev.sallyport.demo..");

    @ArchTest
    static final ArchRule BOUNCY_CASTLE_STAYS_IN_THE_AUTHORITY =
            noClasses().should().dependOnClassesThat().resideInAPackage("org.bouncycastle..");

    @ArchTest
    static final ArchRule ARMERIA_STAYS_AT_THE_EDGE = noClasses()
            .that()
            .resideInAnyPackage(
                    "..server.mesh..",
                    "..server.issuance..",
                    "..server.issuer..",
                    "..server.records..",
                    "..server.store..")
            .should()
            .dependOnClassesThat()
            .resideInAnyPackage("com.linecorp.armeria..", "io.netty..");

    /** A second way out would be one whose addresses nobody judges. */
    @ArchTest
    static final ArchRule WHAT_IS_ASKED_OUTSIDE_IS_ASKED_BY_FETCH = noClasses()
            .that()
            .resideOutsideOfPackage("..server.fetch..")
            .should()
            .dependOnClassesThat()
            .resideInAnyPackage("com.linecorp.armeria.client..", "java.net.http..");

    @ArchTest
    static final ArchRule SQL_STAYS_BEHIND_THE_STORES_THREAD = noClasses()
            .that()
            .resideOutsideOfPackage("..server.store..")
            .should()
            .dependOnClassesThat()
            .resideInAnyPackage("org.sqlite..", "org.flywaydb..");

    @ArchTest
    static final ArchRule NO_CYCLES =
            slices().matching("dev.sallyport.server.(*)..").should().beFreeOfCycles();

    @ArchTest
    static final ArchRule NAMES_SAY_THE_JOB = noClasses().should().haveNameMatching(".*(Manager|Helper|Utils?|Impl)");
}
