"""The judge: reads rows, chains, buckets and disks itself and shares no line with the portal. Its answer are sentences."""

import json
from collections import Counter
from collections.abc import Iterable, Iterator
from datetime import UTC
from hashlib import sha256
from itertools import pairwise
from pathlib import Path
from typing import Any

from scripts import services, store
from tests.stack import Stack

# The arrows, once more, from the page that describes them and not from the code that follows them.
ARROWS = {
    "documents.document": {
        "received": "checking",
        "checking": "received clean refused quarantined",
        "clean": "preparing quarantined",
        "preparing": "ready refused clean held",
        "ready": "clean",
    },
    "documents.packet": {
        "draft": "ordered",
        "ordered": "binding",
        "binding": "bound failed ordered",
        "bound": "returned released invalidated",
    },
}
FIRST = {"documents.document": "received", "documents.packet": "draft"}
Row = dict[str, Any]


def of_document(stack: Stack, row: Row, content: bytes, pages: int, ends: str) -> Iterator[str]:
    """I1 to I4 and I7 of a document that was sent as `content`, once everything is over."""
    if (row["state"], row["pages"]) != (ends, pages):
        yield f"it ended {row['state']} with {row['pages']} pages"
    if (row["sha256"], row["size"]) != (sha256(content).hexdigest(), len(content)):
        yield "it is not what was sent"
    rows = stack.rows("SELECT number FROM documents_page WHERE document_id = %s ORDER BY number", row["id"])
    if [each["number"] for each in rows] != list(range(1, pages + 1)):
        yield f"its pages are {rows}"
    received = [event for event in events(stack, row) if event["kind"] == "received" and event["outcome"] == "done"]
    if len(received) != 1:
        yield f"it was received {len(received)} times"
    sql = "SELECT id FROM documents_verdict WHERE document_id = %s AND sha256 = %s AND outcome = 'clean'"
    if ends == "ready" and not stack.rows(sql, row["id"], row["sha256"]):
        yield "nobody found these very bytes clean"
    yield from of_moves(stack, row, "documents.document")


def of_packet(stack: Stack, row: Row, document: Row) -> Iterator[str]:
    """Bound, every page of its document exactly once, and as many as it says."""
    if row["state"] != "bound":
        yield f"it ended {row['state']}: {row['failure']}"
    sql = "SELECT number, kind, source_page, document_id FROM documents_packetpage WHERE packet_id = %s ORDER BY number"
    ledger = stack.rows(sql, row["id"])
    if [each["number"] for each in ledger] != list(range(1, row["total_pages"] + 1)):
        yield "its ledger has gaps"
    inside = Counter((each["document_id"], each["source_page"]) for each in ledger if each["kind"] == "exhibit")
    if inside != Counter((document["id"], page) for page in range(1, document["pages"] + 1)):
        yield f"its pages are {inside}"
    parts = stack.rows("SELECT number FROM documents_packetpart WHERE packet_id = %s", row["id"])
    if len(parts) != 1:
        yield f"it has {len(parts)} parts"
    if len([event for event in events(stack, row) if event["kind"] == "bound"]) != 1:
        yield "it was not bound once"
    yield from of_moves(stack, row, "documents.packet")


def of_moves(stack: Stack, row: Row, kind: str) -> Iterator[str]:
    """One event a transition, each from where the one before led to, along arrows, and the last one to where it is."""
    moves = [(e["facts"]["was"], e["facts"]["to"]) for e in events(stack, row) if e["kind"] == "moved"]
    if illegal := [move for move in moves if move[1] not in ARROWS[kind].get(move[0], "").split()]:
        yield f"it moved {illegal}"
    places = [("", FIRST[kind]), *moves, (row["state"], "")]
    if any(before[1] != after[0] for before, after in pairwise(places)):
        yield f"its moves do not follow one another: {moves}, now {row['state']}"


def events(stack: Stack, row: Row) -> list[Row]:
    sql = "SELECT kind, outcome, facts FROM accounts_auditevent WHERE subject_id = %s ORDER BY id"
    return stack.rows(sql, str(row["id"]))


# All of it


def of_chains(stack: Stack) -> Iterator[str]:
    """I7: every chain counts from 1, each event carries the hash of the one before and of itself."""
    chain, seq, before = "", 0, ""
    for event in stack.rows("SELECT * FROM accounts_auditevent ORDER BY chain, seq"):
        if event["chain"] != chain:
            chain, seq, before = event["chain"], 0, "0" * 64
        seq += 1
        if (event["seq"], event["prev_hash"], event["hash"]) != (seq, before, digest(event)):
            yield f"{chain}: event {event['seq']}"
        before = event["hash"]


def digest(event: Row) -> str:
    at = event["at"].astimezone(UTC).isoformat(timespec="microseconds")
    facts = json.dumps(event["facts"], sort_keys=True, separators=(",", ":"))
    names = ("kind", "subject_type", "subject_id", "outcome")
    who = (str(event["actor_id"] or ""), event["actor_role"])
    parts = (event["prev_hash"], event["chain"], str(event["seq"]), at, *who, *(event[name] for name in names), facts)
    return sha256(b"".join(len(part.encode()).to_bytes(8, "big") + part.encode() for part in parts)).hexdigest()


def of_buckets(stack: Stack) -> Iterator[str]:
    """I6: no row points into the void, nothing lies there that no row points at, and nothing was left half written."""
    owner = store.client(services.port(stack.folder, services.S3), stack.state["s3_owner"])
    for bucket, sql in POINTED_AT.items():
        there = {
            file_of(each["Key"])
            for page in owner.get_paginator("list_objects_v2").paginate(Bucket=bucket)
            for each in page.get("Contents", [])
            if not each["Key"].startswith(("keys/", "probes/")) and each["Key"] != "ready"
        }
        pointed = {file_of(row["key"]) for row in stack.rows(sql)} - {""}
        coming = {row["prefix"] for row in stack.rows(COMING)}
        yield from (f"{bucket}: {key} is gone" for key in sorted(pointed - there))
        yield from (f"{bucket}: nothing points at {key}" for key in sorted(there - pointed - coming))
        left = owner.list_multipart_uploads(Bucket=bucket).get("Uploads", [])
        yield from (f"{bucket}: {each['Key']} was begun and not ended" for each in left)


def file_of(key: str) -> str:
    """A file that came in pieces is as many objects below one name; all others are one object without a slash."""
    return key.partition("/")[0]


COMING = "SELECT prefix FROM documents_upload WHERE state = 'arriving'"
POINTED_AT = {
    "amparo-intake": """
        SELECT intake_key AS key FROM documents_document
        UNION SELECT prefix FROM documents_upload WHERE state = 'arriving' AND "offset" > 0""",
    "amparo-vault": """
        SELECT vault_key AS key FROM documents_document UNION SELECT print_key FROM documents_document
        UNION SELECT unlocked_key FROM documents_document UNION SELECT preview_key FROM documents_page
        UNION SELECT key FROM documents_packetpart UNION SELECT draft_key FROM documents_packetpage""",
}


def found_in(folder: Path, words: Iterable[bytes]) -> list[str]:
    """I8: the files below the folder that have one of the words in them, or in their name."""
    words = list(words)
    return [
        str(path)
        for path in folder.rglob("*")
        if any(word in path.name.encode() or (path.is_file() and word in path.read_bytes()) for word in words)
    ]
