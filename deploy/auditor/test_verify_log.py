"""Logs made by naive code of this file alone, and what becomes of them when somebody changes them.

python3 -m unittest, in this folder; VERIFY_LOG_LARGE=1 adds a log of 70,000 entries
"""
import base64, contextlib, hashlib, http.server, io, json, os, pathlib, random, shutil, sys, tempfile, threading, unittest
from unittest import mock
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
try:
    from cryptography.hazmat.primitives.asymmetric.mldsa import MLDSA44PrivateKey
    MLDSA44PrivateKey.generate()
except Exception:  # too old, or linked against a library without it
    MLDSA44PrivateKey = None
import verify_log

ORIGIN = "audit.test.example/mesh"
ZEROS = "0" * 64


def sha256(data):
    return hashlib.sha256(data).digest()


def root_of(leaves):
    """Level by level, the odd one out goes up as it is: another way to the tree of RFC 6962 than its recursive definition."""
    while len(leaves) > 1:
        pairs = [leaves[i:i + 2] for i in range(0, len(leaves), 2)]
        leaves = [sha256(b"\1" + b"".join(pair)) if len(pair) == 2 else pair[0] for pair in pairs]
    return leaves[0] if leaves else sha256(b"")


def path_of(index, leaves):
    """RFC 6962 2.1.1, again level by level."""
    path = []
    while len(leaves) > 1:
        if index ^ 1 < len(leaves):
            path.append(leaves[index ^ 1])
        leaves = [root_of(leaves[i:i + 2]) for i in range(0, len(leaves), 2)]
        index //= 2
    return path


class Signer:
    """A key of type 1, 4 or 6 and the signature lines it makes."""

    def __init__(self, name, kind):
        self.name, self.kind = name, kind
        self.private = MLDSA44PrivateKey.generate() if kind == 6 else Ed25519PrivateKey.generate()
        key = bytes([kind]) + self.private.public_key().public_bytes_raw()
        self.id = sha256(name.encode() + b"\n" + key)[:4]
        self.vkey = f"{name}+{self.id.hex()}+{base64.b64encode(key).decode()}"

    def line(self, text, time=1_790_000_000):
        origin, size, root = text.split("\n")[:3]
        stamp = b"" if self.kind == 1 else time.to_bytes(8, "big")
        if self.kind == 6:
            names = [bytes([len(n.encode())]) + n.encode() for n in (self.name, origin)]
            message = (b"subtree/v1\n\0" + names[0] + stamp + names[1] + (0).to_bytes(8, "big")
                       + int(size).to_bytes(8, "big") + base64.b64decode(root))
        else:
            message = (f"cosignature/v1\ntime {time}\n" if self.kind == 4 else "").encode() + text.encode()
        return f"\u2014 {self.name} {base64.b64encode(self.id + stamp + self.private.sign(message)).decode()}\n"


LOG = Signer(ORIGIN, 1)
WITNESSES = [Signer(f"witness.example/w{n}", 4) for n in (1, 2, 3)]


def checkpoint(entries, *signers, origin=ORIGIN):
    root = root_of([sha256(b"\0" + entry) for entry in entries])
    text = f"{origin}\n{len(entries)}\n{base64.b64encode(root).decode()}\n"
    return (text + "\n" + "".join(signer.line(text) for signer in signers or [LOG])).encode()


def path_of_tile(n):
    return f"{n:03d}" if n < 1000 else f"x{n // 1000:03d}/{n % 1000:03d}"


def write(file, data):
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_bytes(data)


def make_log(folder, entries, *signers):
    """tlog-tiles: from the formula of its section "Merkle Tree", each hash of each tile anew from its leaves."""
    leaves, level = [sha256(b"\0" + entry) for entry in entries], 0
    write(folder / "checkpoint", checkpoint(entries, *signers))
    while (full := len(leaves) // 256 ** level) > 0:
        for n in range((full + 255) // 256):
            width = min(256, full - 256 * n)
            name = path_of_tile(n) + (f".p/{width}" if width < 256 else "")
            span = 256 ** level
            hashes = [root_of(leaves[(256 * n + i) * span:(256 * n + i + 1) * span]) for i in range(width)]
            write(folder / f"tile/{level}/{name}", b"".join(hashes))
            if level == 0:
                bundle = entries[256 * n:256 * n + width]
                write(folder / f"tile/entries/{name}", b"".join(len(e).to_bytes(2, "big") + e for e in bundle))
        level += 1


class Stream:
    """A sidecar's log: a header and then records, each with the hash of the one before."""

    def __init__(self, stream):
        self.stream, self.number, self.head = stream, 0, ZEROS

    def next(self, members=None):
        if members is None:
            members = {"EventName": "sallyport.request", "url.path": "/päid"}
            if self.number == 0:
                members = {"EventName": "sallyport.audit.log", "sallyport.audit.phase": "header", "audit.sequence.stream_id": self.stream}
        self.number += 1
        members = members | {"audit.sequence.number": self.number, "audit.sequence.previous_hash": self.head}
        return self.chained(json.dumps(members, separators=(",", ":"))[:-1].encode())

    def chained(self, line):
        self.head = sha256(bytes.fromhex(self.head) + line).hex()
        return line + f',"audit.sequence.hash":"{self.head}"}}'.encode()


def records(count, streams=3):
    """Interleaved streams, with a seal now and then, as a collector writes them."""
    random.seed(8)
    sources = [Stream(f"orders/{n}") for n in range(streams)]
    seal = b'{"EventName":"sallyport.audit.seal"}'
    return [seal if n % 50 == 49 else random.choice(sources).next() for n in range(count)]


def run(*arguments):
    out = io.StringIO()
    with contextlib.redirect_stdout(out), contextlib.redirect_stderr(out), mock.patch.object(sys, "argv", ["verify_log.py", *map(str, arguments)]):
        try:
            verify_log.main()
            return 0, out.getvalue()
        except SystemExit as stop:
            return stop.code, out.getvalue()


class LogCase(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.folder = pathlib.Path(folder.name)
        self.log = self.folder / "log"

    def expect(self, status, *words, log=None, key=LOG, more=()):
        found, report = run(log or self.log, "--key", key.vkey, *more)
        self.assertEqual(status, found, report)
        for word in words:
            self.assertIn(word, report)
        self.assertEqual(status == 0, report.endswith("HOLDS\n") and "DOES NOT" not in report, report)
        return report

    def change(self, path, change):
        file = self.log / path
        data = bytearray(file.read_bytes())
        changed = change(data)  # or in place
        file.write_bytes(data if changed is None else changed)


class ALogThatIsWhole(LogCase):
    def test_holds_at_every_size_where_tiles_begin_or_end(self):
        for size in (0, 1, 2, 3, 255, 256, 257, 511, 512, 513, 1000):
            with self.subTest(size=size):
                log = self.folder / str(size)
                make_log(log, records(size))
                self.expect(0, f"size     {size}\n", log=log)

    @unittest.skipUnless(os.environ.get("VERIFY_LOG_LARGE"), "VERIFY_LOG_LARGE=1 runs it")
    def test_holds_with_three_levels_of_tiles_and_70000_entries(self):
        make_log(self.log, records(70_000))
        self.assertEqual(32, (self.log / "tile/2/000.p/1").stat().st_size)  # the example in tlog-tiles
        self.assertEqual(112 * 32, (self.log / "tile/0/273.p/112").stat().st_size)
        self.expect(0, "records    68600 in 3 streams")
        self.change("tile/1/000", lambda data: data.__setitem__(32 * 200, data[32 * 200] ^ 1))
        self.expect(6, "entry 51200: hash 200 of tile/1/000 ")

    def test_is_reported_with_its_streams_and_other_entries(self):
        make_log(self.log, records(257))
        self.expect(0, ORIGIN, "Ed25519: verified", "records    252 in 3 streams", "'sallyport.audit.seal': 5", "stream     'orders/2', records up to ")

    def test_may_have_a_full_tile_where_the_checkpoint_needs_a_partial_one(self):
        entries = records(300)
        make_log(self.log, entries)
        older = checkpoint(entries[:200])
        (self.log / "checkpoint").write_bytes(older)
        self.expect(0, "size     200\n")

    def test_is_read_from_a_web_server_too(self):
        make_log(self.log, records(300))
        with serving(self.log) as url:
            self.expect(0, "size     300\n", log=url)
            (self.log / "tile/entries/000").unlink()
            self.expect(6, "entry 0: tile/entries/000 of width 256 is missing", log=url)

    def test_hashes_as_the_known_vectors_of_certificate_transparency(self):
        leaves = [bytes.fromhex(x) for x in ("", "00", "10", "2021", "3031", "40414243", "5051525354555657", "606162636465666768696a6b6c6d6e6f")]
        roots = {1: "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d", 2: "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
                 3: "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77", 5: "4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4",
                 8: "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328"}
        for size, root in roots.items():
            hashes = [sha256(b"\0" + leaf) for leaf in leaves[:size]]
            self.assertEqual(root, verify_log.tree_hash(hashes).hex())
            self.assertEqual(root, root_of(hashes).hex())

    def test_the_verifier_stays_short_enough_to_be_read(self):
        self.assertLessEqual(len(pathlib.Path(verify_log.__file__).read_text().splitlines()), 150)


class ALogThatSomebodyChanged(LogCase):
    def test_any_changed_byte_of_any_file_is_found(self):
        make_log(self.log, records(260), LOG)
        seed = random.randrange(1 << 32)
        chance = random.Random(seed)
        for file in sorted(f for f in self.log.rglob("*") if f.is_file()):
            whole = file.read_bytes()
            for at in {0, len(whole) - 1, *(chance.randrange(len(whole)) for _ in range(12))}:
                with self.subTest(file=file.name, at=at, seed=seed):
                    file.write_bytes(whole[:at] + bytes([whole[at] ^ 1 << chance.randrange(8)]) + whole[at + 1:])
                    self.expect(6)
            file.write_bytes(whole)
        self.expect(0)

    def test_a_changed_record_is_named_with_its_file(self):
        make_log(self.log, records(300))
        self.change("tile/entries/001.p/44", lambda data: data.__setitem__(30, data[30] ^ 1))
        self.expect(6, "entry 256: tile/entries/001.p/44: ")

    def test_a_changed_entry_that_is_no_record_is_named_by_its_tile(self):
        make_log(self.log, records(300))
        self.change("tile/entries/000", lambda data: data.replace(b"audit.seal", b"audit.sea1", 1))
        self.expect(6, "entry 49: hash 49 of tile/0/000 ")

    def test_a_changed_hash_of_a_higher_level_is_named(self):
        make_log(self.log, records(600))
        self.change("tile/1/000.p/2", lambda data: data.__setitem__(40, data[40] ^ 1))
        self.expect(6, "entry 256: hash 1 of tile/1/000.p/2 is not that of this entry and 255 more")

    def test_tiles_made_anew_for_other_entries_do_not_have_the_signed_root(self):
        entries = records(300)
        make_log(self.log, entries)
        signed = (self.log / "checkpoint").read_bytes()
        make_log(self.log, entries[:299] + [b"another"])
        (self.log / "checkpoint").write_bytes(signed)
        self.expect(6, "their root is not the checkpoint's")

    def test_files_that_are_missing_cut_or_longer_are_named(self):
        changes = {"tile/entries/000": (lambda d: d[:-1], "entry 255: tile/entries/000 ends within it"),
                   "tile/entries/001.p/1": (lambda d: d + b"\0", "entry 256: tile/entries/001.p/1 goes on after it"),
                   "tile/0/000": (lambda d: d[:-32], "hash 0 of tile/0/000"), "tile/0/001.p/1": (lambda d: d + d, "entry 256: hash 0 of tile/0/001.p/1"),
                   "tile/1/000.p/1": (lambda d: b"", "entry 0: hash 0 of tile/1/000.p/1")}
        for path, (change, words) in changes.items():
            with self.subTest(path=path):
                make_log(self.log, records(257))
                self.change(path, change)
                self.expect(6, words)
                (self.log / path).unlink()
                self.expect(6, path.split(".p")[0] + " of width", "is missing")

    def test_a_full_tile_has_no_width_in_its_name(self):
        make_log(self.log, records(256))
        (self.log / "tile/0/000.p").mkdir()
        (self.log / "tile/0/000").rename(self.log / "tile/0/000.p/256")
        self.expect(6, "entry 0: tile/0/000 of width 256 is missing")

    def test_a_missing_checkpoint_and_a_failing_server_say_nothing_about_the_log(self):
        self.expect(1, "CANNOT BE READ", "checkpoint")
        make_log(self.log, records(300))
        for fault in ("error", "cut", "compressed"):
            with self.subTest(fault=fault), serving(self.log, fault) as url:
                self.expect(1, "CANNOT BE READ", "tile/entries/001", log=url)


class ALogThatItsOperatorRewrote(LogCase):
    """Everything is computed and signed anew with the log's own key: what the chain of each stream still shows."""

    def refuses(self, entries, *words):
        make_log(self.log, entries)
        self.expect(6, *words)

    def test_a_record_that_was_removed_is_a_gap_and_the_rest_is_verified(self):
        entries = records(40, streams=1)
        for gap, kept in (20, entries[:20] + entries[21:]), (0, entries[1:]):
            with self.subTest(gap=gap):
                shutil.rmtree(self.log, ignore_errors=True)
                make_log(self.log, kept)
                self.expect(5, f"GAP before entry {gap}: ", "HOLDS, BUT records are missing in 1 places")
                kept[30] = kept[30].replace(b"sallyport.request", b"sallyport.requesT")
                shutil.rmtree(self.log, ignore_errors=True)
                self.refuses(kept, "entry 30: ")

    def test_a_record_that_was_repeated_or_moved_breaks_its_stream(self):
        entries = records(40, streams=1)
        self.refuses(entries[:20] + entries[19:], "entry 20: ")
        self.refuses(entries[:20] + [entries[21], entries[20]] + entries[22:], "entry 21: ")

    def test_a_changed_record_does_not_have_its_hash(self):
        entries = records(40, streams=1)
        entries[7] = entries[7].replace(b"sallyport.request", b"sallyport.requesT")
        self.refuses(entries, "entry 7: tile/entries/000.p/40: the record's hash is not that of its bytes")

    def test_a_record_with_another_number_or_stream_is_refused_although_its_hash_is_right(self):
        stream = Stream("a/1")
        entries = [stream.next(), stream.next()]
        stream.number += 1
        self.refuses(entries + [stream.next()], "entry 2: ", "record 4 of 'a/1' follows record 2 of 'a/1'")
        stream = Stream("a/1")
        self.refuses([stream.next(), stream.next({"EventName": "x", "audit.sequence.stream_id": "b/1"})], "record 2 of 'b/1' follows record 1 of 'a/1'")

    def test_a_stream_that_forks_is_refused(self):
        stream = Stream("a/1")
        header = stream.next()
        branch = stream.head
        entries = [header, stream.next()]
        stream.head = branch
        self.refuses(entries + [stream.next()], "entry 2: ", "record 3 is repeated, misplaced or a fork")

    def test_numbers_that_a_crash_may_have_taken_are_skipped_by_a_header_and_by_no_other_record(self):
        header = {"EventName": "sallyport.audit.log", "sallyport.audit.phase": "header", "audit.sequence.stream_id": "orders/1"}
        for phase, skipped, expected in ("header", 7, 0), ("header", 6, 6), ("header", "7", 6), ("header", -7, 6), ("gap", 7, 6):
            with self.subTest(phase=phase, skipped=skipped):
                stream = Stream("orders/1")
                entries = [stream.next(), stream.next()]
                stream.number += 7
                entries += [stream.next(header | {"sallyport.audit.phase": phase, "sallyport.audit.skipped_numbers": skipped}), stream.next()]
                shutil.rmtree(self.log, ignore_errors=True)
                make_log(self.log, entries)
                self.expect(expected, *([] if expected else ["records    4 in 1 streams", "records up to 11"]))

    def test_a_number_that_is_no_integer_is_refused_although_its_hash_is_right(self):
        for number in (b"true", b"1.0", b'"1"', b"null"):
            header = (b'{"EventName":"sallyport.audit.log","sallyport.audit.phase":"header","audit.sequence.stream_id":"a/1","audit.sequence.number":'
                      + number + b',"audit.sequence.previous_hash":"' + ZEROS.encode() + b'"')
            self.refuses([Stream("a/1").chained(header)], "entry 0: ")

    def test_a_stream_begins_once_and_with_its_header(self):
        self.refuses([Stream("a/1").next(), Stream("a/1").next()], "entry 1: ", "not the first header of a new stream")
        self.refuses([Stream("a/1").next({"EventName": "sallyport.request", "audit.sequence.stream_id": "a/1"})], "entry 0: ")
        self.refuses([Stream("a/1").next({"EventName": "sallyport.audit.log", "sallyport.audit.phase": "header"})], "entry 0: ")

    def test_bytes_after_the_hash_and_members_twice_are_refused(self):
        record = Stream("a/1").next()
        self.refuses([record[:-1] + b',"decision":"deny"}'], "entry 0: ")
        self.refuses([record + b" "], "entry 0: ")
        self.refuses([record.replace(b'{"EventName"', b'{"EventName":"x","EventName"')], "entry 0: ")
        self.refuses([record.replace(b'{', b'[{', 1) + b"]"], "entry 0: ")
        twice = record.replace(b'{"EventName"', b'{"EventName":"x","EventName"').rpartition(b',"audit.sequence.hash"')[0]
        self.refuses([Stream("a/1").chained(twice)], "entry 0: ")

    def test_hostile_json_is_an_answer_and_no_stack_trace(self):
        tail = b',"audit.sequence.hash":"%s"}' % (b"0" * 64)
        for head in (b'{"a":' + b"[" * 30000, b'{"audit.sequence.number":1,"audit.sequence.previous_hash":' + b"1" * 64, b"\xff{",
                     b'{"audit.sequence.number":1,"audit.sequence.previous_hash":["0"]', b'{"audit.sequence.number":' + b"9" * 5000,
                     b'{"audit.sequence.number":true,"audit.sequence.previous_hash":"' + b"0" * 64 + b'"'):
            self.refuses([head + tail], "entry 0: ")

    def test_entries_that_are_no_records_are_counted(self):
        make_log(self.log, [b"", b"text", b"[]", b"\xff", b'{"EventName":"sallyport.audit.prune"}', b"{}"])
        self.expect(0, "records    0 in 0 streams", "'no JSON object': 4", "'sallyport.audit.prune': 1", "'None': 1")


class ACheckpoint(LogCase):
    def setUp(self):
        super().setUp()
        self.entries = records(20)
        make_log(self.log, self.entries)

    def checkpoint(self, *signers, **more):
        (self.log / "checkpoint").write_bytes(checkpoint(self.entries, *signers, **more))

    def test_needs_the_signature_of_the_given_key(self):
        self.expect(6, "unsigned by", key=Signer(ORIGIN, 1))
        self.expect(6, "of 'audit.test.example/mesh', unsigned by other.example", key=Signer("other.example", 1))

    def test_of_another_origin_is_refused_although_the_key_signed_it(self):
        self.checkpoint(LOG, origin="audit.test.example/other")
        self.expect(6, "of 'audit.test.example/other'")

    def test_may_have_signatures_of_unknown_keys_and_extension_lines(self):
        self.checkpoint(Signer("unknown.example", 1), LOG, Signer(ORIGIN, 1), *WITNESSES)
        self.expect(0)
        text = checkpoint(self.entries).decode().split("\n\n")[0] + "\nextension\n"
        (self.log / "checkpoint").write_text(text + "\n" + LOG.line(text))
        self.expect(0)

    def test_with_one_wrong_signature_of_a_known_key_is_refused(self):
        wrong = LOG.line(f"{ORIGIN}\n1\n{base64.b64encode(bytes(32)).decode()}\n").encode()
        self.change("checkpoint", lambda data: data + wrong)
        self.expect(6, "the Ed25519 by audit.test.example/mesh is wrong")

    def test_that_is_malformed_is_refused(self):
        origin, size, root = checkpoint(self.entries).decode().split("\n")[:3]
        for text in (f"{origin}\n020\n{root}\n", f"{origin}\n-1\n{root}\n", f"{origin}\n20\n{root[:-1]}\n", f"{origin}\n20\n\n", f"\n20\n{root}\n", f"{origin}\n20\n",
                     f"{origin}\n20\n{root[:-2]}{chr(ord(root[-2]) + 1)}=\n", f"{origin}\n20\n{root}\n\nx\n", f"{origin}\n20\n{root}\r\n", f"{origin}\n20\nAAAA\n", f"{'x' * 300}\n20\n{root}\n"):
            with self.subTest(text=text):
                line = f"\u2014 {ORIGIN} {base64.b64encode(LOG.id + LOG.private.sign(text.encode())).decode()}\n"
                (self.log / "checkpoint").write_bytes((text + "\n" + line).encode())
                self.expect(6)
        text = f"{origin}\n20\n{root}\n\ufffd\n"
        replaced = (text + "\n" + LOG.line(text)).encode().replace("\ufffd".encode(), b"\xff")
        for note in (replaced, b"", b"\n\n", b"\xff", checkpoint(self.entries)[:-1], checkpoint(self.entries) + b"\n", checkpoint(self.entries) + b"x\n"):
            (self.log / "checkpoint").write_bytes(note)
            self.expect(6)

    def test_needs_as_many_witnesses_as_asked_for(self):
        known = [word for witness in WITNESSES for word in ("--witness", witness.vkey)]
        self.checkpoint(LOG, WITNESSES[0], WITNESSES[2])
        self.expect(0, "w1, Ed25519 cosignature: verified, 2026-09-21T", more=(*known, "--quorum", 2))
        self.expect(6, "cosigned by 2 known witnesses (expected: 3)", more=(*known, "--quorum", 3))
        self.expect(6, "expected: 3", more=known)
        self.checkpoint(LOG, WITNESSES[0], WITNESSES[0])
        self.expect(6, "cosigned by 1 known", more=(*known, "--quorum", 2))
        self.expect(6, "cosigned by 0 known", more=("--quorum", 1))

    def test_is_not_witnessed_by_the_log_itself(self):
        itself = Signer(ORIGIN, 4)
        self.checkpoint(LOG, itself)
        self.expect(6, "cosigned by 0 known", more=("--witness", itself.vkey, "--quorum", 1))

    def test_with_a_cosignature_for_another_time_or_tree_is_refused(self):
        more = ("--witness", WITNESSES[0].vkey, "--quorum", 0)
        text = checkpoint(self.entries).decode().split("\n\n")[0] + "\n"
        line = WITNESSES[0].line(text)
        blob = bytearray(base64.b64decode(line.split(" ")[2]))
        blob[11] ^= 1
        for time in (1 << 63, (1 << 64) - 1):
            (self.log / "checkpoint").write_bytes(checkpoint(self.entries) + WITNESSES[0].line(text, time).encode())
            self.expect(6, "out of range", more=more)
        lax = line[:-4] + chr(ord(line[-4]) + 1) + line[-3:]  # the same bytes, in a spelling that no encoder writes
        (self.log / "checkpoint").write_bytes(checkpoint(self.entries) + lax.encode())
        self.expect(6, "is not a signature line", more=more)
        for bad in (f"\u2014 {WITNESSES[0].name} {base64.b64encode(blob).decode()}\n", WITNESSES[0].line(text.replace("\n20\n", "\n21\n")),
                    f"\u2014 {WITNESSES[0].name} {base64.b64encode(blob[:9]).decode()}\n"):
            (self.log / "checkpoint").write_bytes(checkpoint(self.entries) + bad.encode())
            self.expect(6, "w1 is wrong", more=more)

    def test_keys_with_a_wrong_id_or_of_a_wrong_type_are_not_used(self):
        name, number, key = LOG.vkey.split("+", 2)
        for vkey in (f"{name}+00000000+{key}", f"other+{number}+{key}", "", "x", f"{name}+{number}", f"{name}+{number}+{key[:-4]}", WITNESSES[0].vkey):
            found, report = run(self.log, "--key", vkey)
            self.assertEqual(1, found, report)
        short = b"\1" + bytes(31)
        self.assertEqual(1, run(self.log, "--key", f"x+{sha256(b'x' + bytes([10]) + short)[:4].hex()}+{base64.b64encode(short).decode()}")[0])
        self.expect(1, "is no vkey of type (4, 6)", more=("--witness", LOG.vkey))

    def test_key_files_are_given_with_an_at_sign(self):
        (self.folder / "log.vkey").write_text(LOG.vkey + "\n")
        self.assertEqual(0, run(self.log, "--key", f"@{self.folder / 'log.vkey'}")[0])

    @unittest.skipUnless(MLDSA44PrivateKey, "this cryptography has no ML-DSA")
    def test_has_the_ml_dsa_signature_too_when_that_key_is_given(self):
        quantum, other = Signer(ORIGIN, 6), Signer("witness.example/pq", 6)
        both = ("--key", quantum.vkey, "--witness", other.vkey)
        self.checkpoint(LOG, quantum, other)
        self.expect(0, "mesh, ML-DSA-44 cosignature: verified, 2026", "pq, ML-DSA-44 cosignature: verified", more=both)
        self.expect(0, key=quantum)
        self.checkpoint(LOG, other)
        self.expect(6, "unsigned by", more=both)
        wrong = quantum.line(checkpoint(self.entries[:19]).decode().split("\n\n")[0] + "\n")
        (self.log / "checkpoint").write_bytes(checkpoint(self.entries) + wrong.encode())
        self.expect(6, "the ML-DSA-44 cosignature by audit.test.example/mesh is wrong", more=("--key", quantum.vkey))

    @unittest.skipUnless(MLDSA44PrivateKey, "this cryptography has no ML-DSA")
    def test_without_a_library_for_ml_dsa_it_says_so_and_relies_on_the_other_signature(self):
        quantum = Signer(ORIGIN, 6)
        self.checkpoint(LOG, quantum)
        with mock.patch.object(verify_log, "ml_dsa_44", lambda _: None):
            self.expect(0, "ML-DSA-44 cosignature: NOT VERIFIED", more=("--key", quantum.vkey))
            self.expect(1, "none of the log's signatures can be verified", key=quantum)
            self.expect(6, "cosigned by 0", more=("--witness", quantum.vkey, "--quorum", 1))


class AnOlderCheckpoint(LogCase):
    def since(self, status, older, *words):
        (self.folder / "older").write_bytes(older)
        self.expect(status, *words, more=("--since", self.folder / "older"))

    def test_of_every_size_is_a_prefix_of_the_log(self):
        entries = records(520)
        make_log(self.log, entries)
        for size in (0, 1, 2, 3, 255, 256, 257, 400, 512, 519, 520):
            self.since(0, checkpoint(entries[:size]))

    def test_with_more_entries_shows_a_rollback(self):
        entries = records(520)
        make_log(self.log, entries[:300])
        self.since(6, checkpoint(entries), "entry 300: missing, the older checkpoint has 520 entries: a rollback")

    def test_with_other_entries_shows_a_fork(self):
        entries = records(300)
        make_log(self.log, entries)
        self.since(6, checkpoint(entries[:99] + [b"another"]), "entries 0 to 99 are not the older checkpoint's: a fork")

    def test_of_another_log_says_nothing(self):
        make_log(self.log, records(3))
        self.since(6, checkpoint(records(2), Signer("x", 1)), "unsigned by")
        self.expect(1, "CANNOT BE READ", more=("--since", self.folder / "nowhere"))


class AProof(LogCase):
    def proof(self, entries, index, path=None, extra=None, at=None):
        path = path_of(index, [sha256(b"\0" + e) for e in entries]) if path is None else path
        lines = ["c2sp.org/tlog-proof@v1"] + ([f"extra {base64.b64encode(extra).decode()}"] if extra is not None else [])
        lines += [f"index {index if at is None else at}"] + [base64.b64encode(p).decode() for p in path]
        (self.folder / "one.tlog-proof").write_bytes("\n".join(lines).encode() + b"\n\n" + checkpoint(entries, LOG, *WITNESSES))

    def check(self, status, entry=None, *words, more=()):
        given = ()
        if entry is not None:
            (self.folder / "entry").write_bytes(entry)
            given = ("--entry", self.folder / "entry")
        found, report = run("--proof", self.folder / "one.tlog-proof", "--key", LOG.vkey, *given, *more)
        self.assertEqual(status, found, report)
        for word in words:
            self.assertIn(word, report)

    def test_of_every_entry_holds_and_of_no_other(self):
        for size in (1, 2, 3, 7, 8, 13):
            entries = records(size)
            for index, entry in enumerate(entries):
                self.proof(entries, index)
                self.check(0, entry, f"entry      {index}: ", "HOLDS")
                self.check(0, entry + b"\n")
                self.check(6, entry + b" ", f"entry {index}: it is not this one")

    def test_with_another_index_or_path_does_not_hold(self):
        entries = records(13)
        path = path_of(5, [sha256(b"\0" + e) for e in entries])
        for wrong in (path[:-1], path[1:], path + path[:1], [], path[::-1], [bytes(32), *path[1:]], path * 20):
            self.proof(entries, 5, path=wrong)
            self.check(6, entries[5])
        for at in (4, 13, 10 ** 17):
            self.proof(entries, 5, at=at)
            self.check(6, entries[5])
        self.proof(entries, 12, at=13)  # the same path leads there, if nobody looks at the size
        self.check(6, entries[12])
        self.proof([], 0, path=[])
        self.check(6, b"")

    def test_may_bring_the_entry_as_its_extra_data(self):
        entries = records(13)
        self.proof(entries, 5, extra=entries[5])
        self.check(0, None, "entry      5: ")
        self.proof(entries, 5, extra=entries[4])
        self.check(6)
        self.check(0, entries[5])

    def test_without_the_entry_says_nothing(self):
        self.proof(records(13), 5)
        self.check(1, None, "--entry is needed")

    def test_needs_its_checkpoint_to_be_signed_and_witnessed(self):
        entries = records(13)
        self.proof(entries, 5)
        known = [word for witness in WITNESSES for word in ("--witness", witness.vkey)]
        self.check(0, entries[5], more=known)
        self.check(6, entries[5], "cosigned by 3", more=(*known, "--quorum", 4))
        self.check(6, entries[5], "unsigned by", more=("--key", Signer(ORIGIN, 1).vkey))

    def test_that_is_malformed_is_refused(self):
        entries = records(13)
        self.proof(entries, 5)
        file = self.folder / "one.tlog-proof"
        whole = file.read_bytes()
        for wrong in (whole.replace(b"@v1", b"@v2", 1), whole.replace(b"index 5", b"index 05", 1), whole.replace(b"index 5", b"index 5\nextra AAAA", 1),
                      whole.replace(b"=\n", b"\n", 1), whole.replace(b"\n\n", b"\n", 1), b"", b"\n\n", whole[:whole.index(b"\n\n")]):
            file.write_bytes(wrong)
            self.check(6, entries[5])

    def test_and_a_log_are_not_given_together(self):
        self.assertEqual(2, run(self.log, "--proof", "x", "--key", LOG.vkey)[0])
        self.assertEqual(2, run("--key", LOG.vkey)[0])
        self.assertEqual(2, run(self.log, "--entry", "x", "--key", LOG.vkey)[0])
        self.assertEqual(2, run("--proof", "x", "--since", "x", "--key", LOG.vkey)[0])


@contextlib.contextmanager
def serving(folder, fault=None):
    """A web server for the folder, which fails at the second bundle when asked to."""

    class Handler(http.server.SimpleHTTPRequestHandler):
        def __init__(self, *arguments):
            super().__init__(*arguments, directory=str(folder.parent))

        def log_message(self, *_):
            pass

        def do_GET(self):
            if "//" in self.path:
                self.send_error(400)
            elif not fault or "entries/001" not in self.path:
                super().do_GET()
            elif fault == "error":
                self.send_error(503)
            else:
                self.send_response(200)
                self.send_header("Content-Length", "1000" if fault == "cut" else "3")
                if fault == "compressed":
                    self.send_header("Content-Encoding", "gzip")
                self.end_headers()
                self.wfile.write(b"abc")

    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True).start()
    try:
        yield f"http://127.0.0.1:{server.server_port}/{folder.name}/"
    finally:
        server.shutdown()
        server.server_close()


if __name__ == "__main__":
    unittest.main()
