package dev.sallyport.cli.demo;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.sallyport.cli.CliException;
import dev.sallyport.document.Source;
import dev.sallyport.policy.DocumentSet;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class DemoFolderTest {
    private static final Path EXAMPLE = Path.of("../../deploy/examples/shop");

    @TempDir
    Path temporary;

    @Test
    void isOfThisUserAlone() throws Exception {
        DemoFolder folder = DemoFolder.kept(temporary.resolve("kept"));
        for (Path path : List.of(folder.root(), folder.policies(), folder.state())) {
            assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(path)))
                    .as(path.toString())
                    .isEqualTo("rwx------");
        }
    }

    @Test
    void folderWithSomethingInItIsRefused() throws Exception {
        Files.writeString(temporary.resolve("mine"), "");
        assertThatThrownBy(() -> DemoFolder.kept(temporary))
                .isInstanceOf(CliException.class)
                .hasMessageContaining("expected: a new or empty folder");
        assertThat(temporary.resolve("mine")).exists();
    }

    @Test
    void temporaryOneIsGoneAtTheEndAndKeptOneIsNot() throws Exception {
        DemoFolder gone = DemoFolder.temporary();
        Files.writeString(gone.log("web"), "x");
        gone.delete();
        assertThat(gone.root()).doesNotExist();
        DemoFolder kept = DemoFolder.kept(temporary.resolve("kept"));
        kept.delete();
        assertThat(kept.root()).exists();
    }

    @Test
    void copyOfTheExampleNamesTheRunningIssuerAndStaysValid() throws Exception {
        DemoFolder folder = DemoFolder.kept(temporary.resolve("kept"));
        folder.copyExample(EXAMPLE, "http://127.0.0.1:12345");
        DocumentSet copy = DocumentSet.load(Source.read(folder.policies()));
        assertThat(copy.mesh().issuers().values())
                .singleElement()
                .satisfies(issuer -> assertThat(issuer.issuer()).isEqualTo("http://127.0.0.1:12345"));
    }

    @Test
    void editReplacesExactlyOnePlace() throws Exception {
        DemoFolder folder = DemoFolder.kept(temporary.resolve("kept"));
        Files.writeString(folder.policies().resolve("a.yaml"), "one two two");
        folder.edit("a.yaml", "one", "1");
        assertThat(folder.policies().resolve("a.yaml")).hasContent("1 two two");
        assertThatThrownBy(() -> folder.edit("a.yaml", "two", "2")).hasMessageContaining("exactly once");
        assertThatThrownBy(() -> folder.edit("a.yaml", "three", "3")).hasMessageContaining("exactly once");
        assertThat(folder.policies().resolve("a.yaml")).hasContent("1 two two");
    }

    @Test
    void placesThatStepsEditAreInTheExampleOnce() throws Exception {
        DemoFolder folder = DemoFolder.kept(temporary.resolve("kept"));
        folder.copyExample(EXAMPLE, "http://127.0.0.1:12345");
        StrangersStep.declareImpostor(folder, "127.0.0.1:1");
        PolicyChangeStep.allowCatalog(folder);
        DocumentSet edited = DocumentSet.load(Source.read(folder.policies()));
        assertThat(edited.mesh().services()).containsKey("ledger");
        assertThat(Files.readString(folder.policies().resolve("payment.yaml"))).contains("from: [orders, catalog]");
    }
}
