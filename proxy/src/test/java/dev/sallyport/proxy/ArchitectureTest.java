package dev.sallyport.proxy;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.library.dependencies.SlicesRuleDefinition.slices;

import com.tngtech.archunit.core.importer.ImportOption.DoNotIncludeTests;
import com.tngtech.archunit.junit.AnalyzeClasses;
import com.tngtech.archunit.junit.ArchTest;
import com.tngtech.archunit.lang.ArchRule;
import javax.net.ssl.TrustManager;

/** What the sidecar may know: its class path is part of its attack surface and of its memory. */
@AnalyzeClasses(packages = "dev.sallyport.proxy", importOptions = DoNotIncludeTests.class)
class ArchitectureTest {
    @ArchTest
    static final ArchRule ofOurModulesItUsesTheFiveLibraries = classes()
            .that()
            .resideInAPackage("dev.sallyport.proxy..")
            .should()
            .onlyDependOnClassesThat()
            .resideInAnyPackage(
                    "dev.sallyport.proxy..",
                    "dev.sallyport.identity",
                    "dev.sallyport.document",
                    "dev.sallyport.policy",
                    "dev.sallyport.contract",
                    "dev.sallyport.audit",
                    "java..",
                    "javax.net.ssl..",
                    "javax.crypto..",
                    "javax.security.auth.x500", // names in certificates
                    "io.netty..",
                    "com.nimbusds.jose..",
                    "com.nimbusds.jwt..",
                    "com.fasterxml.jackson.core..",
                    "io.micrometer..",
                    "io.prometheus.metrics.model..",
                    "org.jspecify.annotations");

    @ArchTest
    static final ArchRule metricsLibrariesStayBehindTheMetricsPage = noClasses()
            .that()
            .resideOutsideOfPackage("dev.sallyport.proxy.admin")
            .should()
            .dependOnClassesThat()
            .resideInAnyPackage("io.micrometer..", "io.prometheus..");

    @ArchTest
    static final ArchRule tlsContextsAreBuiltInOnePlace = noClasses()
            .that()
            .doNotHaveSimpleName("MeshTls")
            .should()
            .dependOnClassesThat()
            .haveSimpleName("SslContextBuilder");

    @ArchTest
    static final ArchRule packagesHaveNoCycles =
            slices().matching("dev.sallyport.proxy.(*)..").should().beFreeOfCycles();

    @ArchTest
    static final ArchRule partsDoNotKnowTheProcess = noClasses()
            .that()
            .resideInAPackage("dev.sallyport.proxy.*..")
            .should()
            .dependOnClassesThat()
            .resideInAPackage("dev.sallyport.proxy");

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
