package dev.sallyport.server.records;

import dev.sallyport.server.store.PrivateFiles;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.List;

/** The index's file, a SQLite database that can be thrown away. */
record IndexFile(Path file) {
    /** Of what is in the file; another one is not read. */
    private static final int VERSION = 1;

    private static final List<String> SCHEMA = List.of(
            "create table record (leaf integer primary key, bytes)",
            "create table word (id integer primary key, field, text)",
            "create table page (id integer primary key, bytes)",
            "create table block (number integer primary key, least, most, shift, firsts, times)",
            // One row: where to go on in the log, and the hash of the entry before, so that another log is noticed.
            "create table progress (next, hash)",
            "insert into progress values (0, '')",
            "pragma user_version = " + VERSION);

    /** Makes the file where there is none, with its folder; what an older version or a crash left unusable is removed first. */
    void prepare() throws IOException {
        Path folder = file.toAbsolutePath().getParent();
        if (folder == null) {
            throw new IOException(file + " (expected: a file in a folder)");
        }
        PrivateFiles.folder(folder);
        nativeLibrary(folder);
        if (Files.exists(file) && !isUsable()) {
            remove();
        }
        if (!Files.exists(file)) {
            PrivateFiles.touch(file);
            try (Connection connection = open();
                    Statement statement = connection.createStatement()) {
                for (String line : SCHEMA) {
                    statement.execute(line);
                }
            } catch (SQLException e) {
                throw new IOException(file + ": cannot be made: " + e.getMessage(), e);
            }
        }
    }

    /** It is unpacked into a folder of ours, never into a shared one; in the control plane the store has said where. */
    private static void nativeLibrary(Path folder) throws IOException {
        if (System.getProperty("org.sqlite.tmpdir") == null) {
            Path unpacked = folder.resolve("tmp");
            PrivateFiles.folder(unpacked);
            System.setProperty("org.sqlite.tmpdir", unpacked.toString());
        }
    }

    private boolean isUsable() {
        try (Connection connection = open();
                Statement statement = connection.createStatement();
                ResultSet row = statement.executeQuery("pragma user_version")) {
            return row.next() && row.getInt(1) == VERSION;
        } catch (SQLException damaged) {
            return false;
        }
    }

    /** Nothing is lost: the log has it all. */
    void remove() throws IOException {
        for (String suffix : List.of("", "-wal", "-shm", "-journal")) {
            Files.deleteIfExists(file.resolveSibling(file.getFileName() + suffix));
        }
    }

    /** A connection of one's own. A crash may cost the newest transactions, which are made again out of the log. */
    Connection open() throws SQLException {
        Connection connection = DriverManager.getConnection("jdbc:sqlite:" + file);
        try (Statement statement = connection.createStatement()) {
            statement.execute("pragma journal_mode = wal");
            statement.execute("pragma synchronous = normal");
            statement.execute("pragma cache_size = -32000");
            statement.execute("pragma temp_store = memory");
            return connection;
        } catch (SQLException e) {
            connection.close();
            throw e;
        }
    }

    /** With its write-ahead log. */
    long bytes() {
        return size(file) + size(file.resolveSibling(file.getFileName() + "-wal"));
    }

    private static long size(Path path) {
        try {
            return Files.size(path);
        } catch (IOException none) {
            return 0;
        }
    }
}
