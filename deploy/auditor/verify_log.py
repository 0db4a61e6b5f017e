#!/usr/bin/env python3
"""Verifies a tiled transparency log of audit records, or one record's proof, from the specifications alone: c2sp.org/signed-note,
tlog-checkpoint, tlog-cosignature, tlog-tiles, tlog-proof and RFC 6962. README.md says what that proves, and what it cannot.
Exit 0: it holds; 5: it does, but records of a stream never came; 6: it does not hold, the first problem is named; 1: it cannot be read; 2: the command is wrong."""
import argparse, base64, collections, hashlib, http.client, json, pathlib, re, sys, time, urllib.request
from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
try:
    from cryptography.hazmat.primitives.asymmetric.mldsa import MLDSA44PublicKey
    ml_dsa_44 = MLDSA44PublicKey.from_public_bytes(bytes(1312)) and MLDSA44PublicKey.from_public_bytes
except (ImportError, UnsupportedAlgorithm): ml_dsa_44 = lambda _: None  # its signatures are reported as not verified
Key = collections.namedtuple("Key", "name id kind public")
Checkpoint = collections.namedtuple("Checkpoint", "origin size root text")
KINDS = {1: ("Ed25519", 32), 4: ("Ed25519 cosignature", 32), 6: ("ML-DSA-44 cosignature", 1312)}  # bytes of the public key
BASE64 = "(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/][AQgw]==|[A-Za-z0-9+/]{2}[AEIMQUYcgkosw048]=)?"  # one spelling for each value
def unbase64(text): return base64.b64decode(text) if re.fullmatch(BASE64, text) else b""
def demand(holds, problem, status=6):
    if not holds: print({5: "HOLDS, BUT", 6: "DOES NOT HOLD:"}.get(status, "CANNOT BE READ:"), problem); sys.exit(status)
def sha256(data): return hashlib.sha256(data).digest()
def split(n): return 1 << (n - 1).bit_length() - 1  # RFC 6962 2.1: the largest power of two smaller than n
def tree_hash(d):  # RFC 6962 2.1: MTH, of hashes of leaves or of full tiles
    if len(d) < 2: return d[0] if d else sha256(b"")
    return sha256(b"\1" + tree_hash(d[:split(len(d))]) + tree_hash(d[split(len(d)):]))
def path_root(leaf, m, n, path):  # RFC 6962 2.1.1: PATH(m, D[n]) read from its end, the root's child
    if n == 1 or not path: return leaf if n == 1 and not path else demand(False, "proof: too short or too long for its index")
    if m < split(n): return sha256(b"\1" + path_root(leaf, m, split(n), path[:-1]) + path[-1])
    return sha256(b"\1" + path[-1] + path_root(leaf, m - split(n), n - split(n), path[:-1]))

def parse_vkey(vkey, kinds):  # signed-note, "Verifier keys": name+hex(id)+base64(type || key), the id a hash of the rest
    name, _, rest = vkey.strip().partition("+")
    data = unbase64(rest[9:]) or b"\0"
    demand(0 < len(name.encode()) < 256 and rest[:9] == sha256(name.encode() + b"\n" + data)[:4].hex() + "+" and data[0] in kinds
           and len(data) == 1 + KINDS[data[0]][1], f"{vkey[:60]!a} is no vkey of type {kinds}, or its id is wrong", 1)
    return Key(name, bytes.fromhex(rest[:8]), data[0], (ml_dsa_44 if data[0] == 6 else Ed25519PublicKey.from_public_bytes)(data[1:]))
def check_signature(key, signature, c):  # signed-note, "Ed25519 signatures"; tlog-cosignature, both "signed message"
    stamp, opaque = b"" if key.kind == 1 else signature[:8], lambda text: bytes([len(text.encode())]) + text.encode()
    seconds = int.from_bytes(stamp, "big")
    signed = {1: c.text, 4: b"cosignature/v1\ntime %d\n" % seconds + c.text, 6: b"subtree/v1\n\0" + opaque(key.name) + stamp
              + opaque(c.origin) + bytes(8) + c.size.to_bytes(8, "big") + c.root}  # bytes(8): the start of the tree, 0
    demand(seconds < 1 << 63, f"checkpoint: the time of the signature by {key.name} is out of range")
    try: key.public.verify(signature[len(stamp):], signed[key.kind])
    except InvalidSignature: demand(False, f"checkpoint: the {KINDS[key.kind][0]} by {key.name} is wrong")
    return "verified" + (time.strftime(", %Y-%m-%dT%H:%M:%SZ", time.gmtime(min(seconds, 1 << 37))) if seconds else "")
def open_checkpoint(note, logs, witnesses, quorum):  # signed-note, "Format", "Signatures"; tlog-checkpoint, "Note text"
    text, _, signatures = note.decode(errors="replace").rpartition("\n\n")
    lines, signatures, found = text.split("\n"), signatures.split("\n"), {}
    demand(re.fullmatch("[^\n]+\n(0|[1-9][0-9]{0,17})\n[A-Za-z0-9+/]{43}=(\n[^\n]+)*", text) and len(lines[0].encode()) < 256
           and not re.search("[\0-\t\v-\x1f\ufffd]", "".join(lines + signatures)) and not signatures.pop(), "checkpoint: malformed")
    c = Checkpoint(lines[0], int(lines[1]), unbase64(lines[2]), text.encode() + b"\n")
    print(f"checkpoint {c.origin!a}\n  size     {c.size}\n  root     {lines[2]!a}")
    for line in signatures:
        parts = re.fullmatch(f"\u2014 ([^\\s+]+) ({BASE64})", line)
        demand(parts, f"checkpoint: {line[:60]!a} is not a signature line")
        for key in [k for k in logs + witnesses if (k.name, k.id) == (parts[1], unbase64(parts[2])[:4])]:  # unknown: ignored
            found[key[:2]] = key.public and check_signature(key, unbase64(parts[2])[4:], c)
            print(f"  signed   {key.name}, {KINDS[key.kind][0]}: {found[key[:2]] or 'NOT VERIFIED, no ML-DSA in this `cryptography`'}")
    for key in logs: demand(key[:2] in found and key.name == c.origin, f"checkpoint: of {c.origin!a}, unsigned by {key.name}")
    demand(any(found[key[:2]] for key in logs), "checkpoint: none of the log's signatures can be verified", 1)
    agreed = {key.name for key in witnesses if found.get(key[:2])} - {c.origin}  # tlog-proof, "Verifying": k of n witnesses
    demand(len(agreed) >= quorum, f"checkpoint: cosigned by {len(agreed)} known witnesses (expected: {quorum})")
    return c

def fetch(where, optional=False):  # tlog-tiles, "APIs": a resource of a web server, or a file; None if there is none
    try:
        url = where if re.match("https?://", where) else pathlib.Path(where).resolve().as_uri()
        with urllib.request.urlopen(url, timeout=30) as answer: data = answer.read(256 * 65537 + 1)  # more than any bundle has
        whole = len(data) >= int(answer.headers["Content-Length"] or 0) and not answer.headers["Content-Encoding"]
        demand(whole, f"{where}: cut off, too long, or compressed unasked", 1)
        return data
    except (OSError, ValueError, http.client.HTTPException) as problem:
        missing = isinstance(getattr(problem, "reason", 0), FileNotFoundError) or getattr(problem, "code", 0) in (404, 410)
        demand(missing and optional, f"{where}: {problem}", 1)
def read_tile(log, level, n, width, kind=None):  # tlog-tiles, "Merkle Tree", "Partial Tiles": path, bytes, width
    *high, low = [digits.zfill(3) for digits in f"{n:,}".split(",")]
    path = "/".join([f"tile/{kind or level}", *("x" + digits for digits in high), low])
    for name, held in [(f"{path}.p/{width}", width), (path, 256)][width == 256:]:  # the full one may have replaced the partial
        if (data := fetch(f"{log}/{name}", optional=True)) is not None: return name, data, held
    demand(False, f"entry {256 * n << 8 * level}: {path} of width {width} is missing (deleted or pruned)")
def read_entries(log, n, width):  # tlog-tiles, "Log entries": each has its length in two bytes before it
    (path, data, held), entries, end = read_tile(log, 0, n, width, "entries"), [], 0
    for i in range(held):
        start, end = end + 2, end + 2 + int.from_bytes(data[end:end + 2], "big")
        demand(end <= len(data), f"entry {256 * n + i}: {path} ends within it")
        entries.append(data[start:end])
    demand(end == len(data), f"entry {256 * n + held - 1}: {path} goes on after it, its last")
    return path, entries[:width]
def verify_tiles(log, c, streams):  # RFC 6962 2.1; tlog-tiles, "Merkle Tree": all entries, tiles, levels, the root
    leaves, level = [], 0
    for n in range((c.size + 255) // 256):
        path, entries = read_entries(log, n, min(256, c.size - 256 * n))
        for i, entry in enumerate(entries, 256 * n): follow(f"entry {i}: {path}:", entry, *streams)
        leaves += [sha256(b"\0" + entry) for entry in entries]
    hashes = leaves
    while hashes:
        tiles = [hashes[i:i + 256] for i in range(0, len(hashes), 256)]
        for n, tile in enumerate(tiles):
            path, data, held = read_tile(log, level, n, len(tile))
            for i, own in enumerate(tile): demand(data[32 * i:32 * i + 32] == own and len(data) == 32 * held,
                f"entry {256 * n + i << 8 * level}: hash {i} of {path} is not that of this entry and {256 ** level - 1} more")
        hashes, level = [tree_hash(tile) for tile in tiles if len(tile) == 256], level + 1
    demand(tree_hash(leaves) == c.root, f"entries 0 to {c.size - 1}: their root is not the checkpoint's")
    return leaves

def follow(where, entry, numbers, last, others):  # a record is a line of JSON that is chained to the line before in its stream
    body, chained, end = entry.rpartition(b',"audit.sequence.hash":')
    try: get = json.loads(entry.decode(), object_pairs_hook=lambda all: dict(all) if len(dict(all)) == len(all) else {}).get
    except (ValueError, RecursionError, AttributeError): get = {"EventName": "no JSON object"}.get  # nor is a name twice
    stream, number, previous = map(get, ("audit.sequence.stream_id", "audit.sequence.number", "audit.sequence.previous_hash"))
    if number is None and not chained: return others.update([str(get("EventName"))[:60]])
    own = isinstance(previous, str) and re.fullmatch("[0-9a-f]{64}", previous) and sha256(bytes.fromhex(previous) + body).hex()
    demand(own and type(number) is int and end == b'"%s"}' % own.encode(), f"{where} the record's hash is not that of its bytes")
    if previous == "0" * 64:
        header = (get("EventName"), get("sallyport.audit.phase"), number) == ("sallyport.audit.log", "header", 1)
        demand(header and isinstance(stream, str) and stream not in numbers, f"{where} not the first header of a new stream")
        numbers[stream], last[previous] = 0, stream
    name, skipped = last.get(previous, f"GAP before {where[:-1]}"), get("sallyport.audit.phase") == "header" and get("sallyport.audit.skipped_numbers", 0)
    demand(name and own not in last and type(skipped) in (bool, int) and skipped >= 0, f"{where} record {number} is repeated, misplaced or a fork")
    before = numbers.setdefault(name, number - 1 - skipped)  # after a gap: what stood before is neither here nor contradicted
    demand((stream in (None, name) or name[:3] == "GAP") and number == before + 1 + skipped,
           f"{where} record {number} of {stream or name!a} follows record {before} of {name!a}")
    numbers[name], last[previous], last[own] = number, None, name
def verify_log(a, logs, witnesses, quorum):
    c, numbers, others = open_checkpoint(fetch(f"{a.log}/checkpoint"), logs, witnesses, quorum), {}, collections.Counter()
    older = open_checkpoint(fetch(a.since), logs, [], 0) if a.since else Checkpoint("", 0, tree_hash([]), b"")
    demand(older.size <= c.size, f"entry {c.size}: missing, the older checkpoint has {older.size} entries: a rollback")
    leaves = verify_tiles(a.log, c, (numbers, {}, others))
    demand(older.root == tree_hash(leaves[:older.size]), f"entries 0 to {older.size - 1} are not the older checkpoint's: a fork")
    for name, number in sorted(numbers.items()): print(f"stream     {name!a}, records up to {number}")
    print(f"records    {c.size - sum(others.values())} in {len(numbers)} streams; other entries: {dict(others)}")
    demand(not (gaps := [name for name in numbers if name[:3] == "GAP"]), f"records are missing in {len(gaps)} places", 5)
def verify_proof(a, logs, witnesses, quorum):  # tlog-proof, "Format", "Verifying a tlog proof"
    head, _, note = fetch(a.proof).partition(b"\n\n")
    parts = re.fullmatch(r"c2sp\.org/tlog-proof@v1\n(?:extra (.+)\n)?index (0|[1-9][0-9]{0,17})((?:\n[A-Za-z0-9+/]{43}=)*)", head.decode("latin1"))
    demand(parts, "proof: not in the format of a tlog-proof")
    demand(a.entry or parts[1], "proof: it does not contain the entry, so --entry is needed", 1)
    c, index = open_checkpoint(note, logs, witnesses, quorum), int(parts[2])
    entry = fetch(a.entry).removesuffix(b"\n") if a.entry else unbase64(parts[1])
    root = index < c.size and path_root(sha256(b"\0" + entry), index, c.size, [unbase64(line) for line in parts[3].split()])
    demand(root == c.root, f"entry {index}: it is not this one in the checkpoint's tree")
    print(f"entry      {index}: {entry!a}")
def main():
    cli = argparse.ArgumentParser(description=__doc__, fromfile_prefix_chars="@")
    for name, more in {"log": {"nargs": "?", "type": lambda name: name.rstrip("/")}, "--quorum": {"type": int}, "--since": {}, "--proof": {},
                       "--entry": {}, "--key": {"action": "append", "required": True}, "--witness": {"action": "append", "default": []}}.items():
        cli.add_argument(name, **more)
    a = cli.parse_args()
    if bool(a.log) == bool(a.proof) or a.since and a.proof or a.entry and a.log: cli.error("expected: a log [--since], or --proof [--entry]")
    logs, witnesses = [parse_vkey(key, (1, 6)) for key in a.key], [parse_vkey(key, (4, 6)) for key in a.witness]
    print((verify_proof if a.proof else verify_log)(a, logs, witnesses, len({w.name for w in witnesses}) if a.quorum is None else a.quorum) or "HOLDS")
if __name__ == "__main__": main()
