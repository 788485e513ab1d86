"""Bytes at rest: the only home of the object store, with the encryption inside. No models here.

Every object is sealed with Tink streaming AEAD (AES-256-GCM) under a keyset per matter, which comes as `under`, wrapped
by `portal.crypto`. Objects are written once, under a random key, and never renamed, moved or written over. Whatever
asks the store raises StoreUnavailable where it gives no answer, and StoreRefused (one of those) where it says no.
"""

from documents.vault.keys import forget_keys, index_key, keep_key, kept_keys, new_key, opens, rewrap, rotate
from documents.vault.opening import Fingerprint, Tampered, chunks, copy_to_file, fingerprint, open_sealed
from documents.vault.pieces import first_gap, new_prefix, pieces_key, root
from documents.vault.powers import selftest_web, selftest_witness
from documents.vault.probes import probe, selftest_store
from documents.vault.sealing import Seal, Sealed, plain_size, put_piece, seal
from documents.vault.store import (
    VERSIONED,
    AlreadyThere,
    Area,
    Missing,
    Stored,
    StoreRefused,
    StoreUnavailable,
    Unfinished,
    abort_unfinished,
    inventory,
    shred,
    unfinished,
)
from documents.vault.witness import read_witness, witness, witnesses

__all__ = [
    "VERSIONED",
    "AlreadyThere",
    "Area",
    "Fingerprint",
    "Missing",
    "Seal",
    "Sealed",
    "StoreRefused",
    "StoreUnavailable",
    "Stored",
    "Tampered",
    "Unfinished",
    "abort_unfinished",
    "chunks",
    "copy_to_file",
    "fingerprint",
    "first_gap",
    "forget_keys",
    "index_key",
    "inventory",
    "keep_key",
    "kept_keys",
    "new_key",
    "new_prefix",
    "open_sealed",
    "opens",
    "pieces_key",
    "plain_size",
    "probe",
    "put_piece",
    "read_witness",
    "rewrap",
    "root",
    "rotate",
    "seal",
    "selftest_store",
    "selftest_web",
    "selftest_witness",
    "shred",
    "unfinished",
    "witness",
    "witnesses",
]
