package dev.sallyport.cli.record;

import dev.sallyport.audit.AuditFields;
import dev.sallyport.cli.CliException;
import dev.sallyport.cli.ExitCode;
import dev.sallyport.cli.RefusedException;
import dev.sallyport.document.InvalidDocumentException;
import dev.sallyport.policy.DocumentSet;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Optional;

/** Where the policies are that recorded decisions were made by, and what else it takes to make them again. */
sealed interface Keeping {
    /** What decided at one service's sidecars. */
    record Kept(DocumentSet documents, String service, long revision) {}

    /** The policy of that digest, if it is still kept. */
    Optional<Kept> judged(Recorded recorded, String digest) throws CliException, IOException;

    /** The one in force now, where that can be known. */
    Optional<Kept> inForce() throws CliException, IOException;

    /** The user that the record means, as far as {@code documents} name users and whoever asks may know them. */
    String subject(Recorded recorded, DocumentSet documents) throws IOException;

    /** How long policies are kept, for whoever misses one. */
    String kept();

    /** Whether the record was taken from somewhere else than the sidecar that wrote it. */
    boolean collected();

    /** Beside a sidecar's own log. */
    record BySidecar(Path stateFolder) implements Keeping {
        @Override
        public Optional<Kept> judged(Recorded recorded, String digest) throws CliException, IOException {
            return new PolicyArchive(stateFolder).judged(digest).map(BySidecar::kept);
        }

        @Override
        public Optional<Kept> inForce() throws CliException, IOException {
            return new PolicyArchive(stateFolder).inForce().map(BySidecar::kept);
        }

        private static Kept kept(PolicyArchive.Kept kept) {
            return new Kept(
                    kept.documents(), kept.snapshot().service(), kept.snapshot().revision());
        }

        @Override
        public String subject(Recorded recorded, DocumentSet documents) throws IOException {
            return KeyedSubject.of(recorded, documents, stateFolder);
        }

        @Override
        public String kept() {
            return "a sidecar keeps its last 20";
        }

        @Override
        public boolean collected() {
            return false;
        }
    }

    /** Beside the collected log, for as long as it is there. */
    record ByControlPlane(CollectedRecords records) implements Keeping {
        private static final int NOT_FOUND = 404;

        @Override
        public Optional<Kept> judged(Recorded recorded, String digest) throws CliException {
            try {
                DocumentSet documents = DocumentSet.ofJson(new String(records.policy(digest), StandardCharsets.UTF_8));
                if (!documents.digest().equals(digest)) {
                    throw new CliException(
                            ExitCode.UNVERIFIED,
                            "control plane: the policy it keeps is another one (expected: digest " + Cut.of(digest)
                                    + ")");
                }
                return Optional.of(new Kept(
                        documents,
                        recorded.text(AuditFields.SERVICE).orElse(""),
                        recorded.number(AuditFields.REVISION, 0)));
            } catch (InvalidDocumentException e) {
                throw new CliException(
                        ExitCode.INVALID,
                        "control plane: the policy it keeps cannot be read by this version: " + e.getMessage());
            } catch (RefusedException e) {
                if (e.status() == NOT_FOUND) {
                    return Optional.empty();
                }
                throw e;
            }
        }

        @Override
        public Optional<Kept> inForce() {
            return Optional.empty(); // One service's part of what is in force is not to be had here.
        }

        /** Keys stay with their sidecars. */
        @Override
        public String subject(Recorded recorded, DocumentSet documents) {
            return recorded.text(AuditFields.USER_HASH).orElse("");
        }

        @Override
        public String kept() {
            return "the control plane keeps those that it has handed out since it collects records";
        }

        @Override
        public boolean collected() {
            return true;
        }
    }
}
