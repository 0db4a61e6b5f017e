package dev.sallyport.cli.documents;

import static dev.sallyport.cli.testing.Ran.sallyport;
import static org.assertj.core.api.Assertions.assertThat;

import dev.sallyport.cli.testing.Ran;
import dev.sallyport.cli.testing.ShopDocuments;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class PolicyLintTest {
    @TempDir
    private Path folder;

    @Test
    void goodSetIsQuiet() throws IOException {
        Ran ran = sallyport("policy", "lint", ShopDocuments.write(folder)).held();
        assertThat(ran.out()).isEmpty();
        assertThat(ran.err()).isEqualTo("sallyport: 2 files, 0 errors, 0 warnings\n");
        assertThat(sallyport("-q", "policy", "lint", folder).held().err()).isEmpty();
    }

    @Test
    void everyErrorIsPrintedWithItsPlace() throws IOException {
        ShopDocuments.write(
                folder,
                ShopDocuments.PAYMENT.replace("from: [orders]", "from: [ordrs]").replace("user: none", "usr: none"));

        Ran ran = sallyport("policy", "lint", folder);

        assertThat(ran.exit()).isEqualTo(3);
        assertThat(ran.out().lines())
                .allMatch(line -> line.matches(".*payment\\.yaml:\\d+:\\d+: error SP\\d{4} .*"))
                .anyMatch(line -> line.contains("ordrs"))
                .anyMatch(line -> line.contains("usr"));
        assertThat(sallyport("policy", "lint", folder, "-o", "json")
                        .json()
                        .at("/findings/0/severity")
                        .asText())
                .isEqualTo("error");
    }

    @Test
    void warningsEndWithFiveOnlyWhenAsked() throws IOException {
        ShopDocuments.write(folder);
        Files.writeString(
                folder.resolve("mesh.yaml"),
                ShopDocuments.MESH.replace("sa/orders}", "sa/orders, ports: {8080: http}}"));

        assertThat(sallyport("policy", "lint", folder).held().out()).contains(": warning SP0801 ");
        assertThat(sallyport("policy", "lint", folder, "--exit-code").exit()).isEqualTo(5);
    }

    @Test
    void githubGetsWorkflowCommands() throws IOException {
        Path odd = Files.createDirectory(folder.resolve("a,b"));
        Files.writeString(odd.resolve("mesh.yaml"), "kind: Mesh\n");

        Ran ran = sallyport("policy", "lint", odd, "-o", "github");

        assertThat(ran.exit()).isEqualTo(3);
        assertThat(ran.out().lines())
                .allMatch(line ->
                        line.matches("::error file=[^,]*a%2Cb/mesh\\.yaml,line=\\d+,col=\\d+,title=SP\\d{4}::.*"));
    }

    @Test
    void whatIsNotThereIsNamed() {
        sallyport("policy", "lint", folder.resolve("nowhere")).refused(1, "nowhere", "not found");
        sallyport("policy", "lint").refused(2, "PATH");
    }
}
