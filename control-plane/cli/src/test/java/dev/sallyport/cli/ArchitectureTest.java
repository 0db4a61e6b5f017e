package dev.sallyport.cli;

import static com.tngtech.archunit.base.DescribedPredicate.describe;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.library.dependencies.SlicesRuleDefinition.slices;

import com.tngtech.archunit.core.importer.ImportOption.DoNotIncludeTests;
import com.tngtech.archunit.junit.AnalyzeClasses;
import com.tngtech.archunit.junit.ArchTest;
import com.tngtech.archunit.lang.ArchRule;
import javax.net.ssl.TrustManager;

@AnalyzeClasses(packages = "dev.sallyport.cli", importOptions = DoNotIncludeTests.class)
class ArchitectureTest {
    /** Processes are started through the launcher and met on the wire; the authority signs elsewhere. */
    @ArchTest
    static final ArchRule usesLibrariesAndImportsNoProcess = classes()
            .should()
            .onlyDependOnClassesThat()
            .resideInAnyPackage(
                    "dev.sallyport.cli..",
                    "dev.sallyport.authoring..",
                    "dev.sallyport.contract",
                    "dev.sallyport.audit",
                    "dev.sallyport.audit.tlog",
                    "dev.sallyport.audit.export",
                    "dev.sallyport.authority", // the words for its kinds, see below
                    "dev.sallyport.authority.setup",
                    "dev.sallyport.authority.vault",
                    "dev.sallyport.policy",
                    "dev.sallyport.identity",
                    "dev.sallyport.document",
                    "java..",
                    "javax.net.ssl..",
                    "javax.crypto..",
                    "com.sun.net.httpserver", // of the JDK; the witness listens
                    "picocli..",
                    "com.fasterxml.jackson..",
                    "com.nimbusds.jose..",
                    "com.nimbusds.jwt..",
                    "org.jspecify.annotations");

    /** Vault is set up here; nothing is signed. */
    @ArchTest
    static final ArchRule signsNothing = noClasses()
            .should()
            .dependOnClassesThat(describe(
                    "sign", type -> type.getPackageName().equals("dev.sallyport.authority") && !type.isEnum()));

    @ArchTest
    static final ArchRule packagesHaveNoCycles =
            slices().matching("dev.sallyport.cli.(*)..").should().beFreeOfCycles();

    /** What commands share knows none of them; only the entry wires. */
    @ArchTest
    static final ArchRule onlyCliKnowsTheCommands = noClasses()
            .that()
            .resideInAPackage("dev.sallyport.cli")
            .and()
            .areNotAssignableTo(Cli.class)
            .should()
            .dependOnClassesThat()
            .resideInAPackage("dev.sallyport.cli.*..");

    /** The demo runs commands as a shell would; nothing else calls the entry. */
    @ArchTest
    static final ArchRule onlyTheDemoRunsCommands = noClasses()
            .that()
            .resideOutsideOfPackage("dev.sallyport.cli.demo..")
            .and()
            .areNotAssignableTo(Cli.class)
            .should()
            .dependOnClassesThat()
            .areAssignableTo(Cli.class);

    @ArchTest
    static final ArchRule namesSayTheJob = noClasses()
            .that()
            .areNotAssignableTo(TrustManager.class) // JSSE's word, not ours
            .should()
            .haveSimpleNameEndingWith("Manager")
            .orShould()
            .haveSimpleNameEndingWith("Helper")
            .orShould()
            .haveSimpleNameEndingWith("Util")
            .orShould()
            .haveSimpleNameEndingWith("Utils")
            .orShould()
            .haveSimpleNameEndingWith("Impl");
}
