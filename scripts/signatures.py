"""A small, dated, unsigned signature database for clamd, for machines that cannot reach ClamAV's mirrors.

A bare .ndb gives a VERSION without a date, which the portal must treat as stale; a `daily.cud` gives one with a date.
ClamAV calls EICAR clean when anything but white space follows it, so containers are tested with a marker of our own.
"""

import hashlib
import io
import tarfile
import time
from datetime import UTC, datetime
from pathlib import Path

EICAR = rb"X5O!P%@AP[4\PZX54(P^)7CC)7}$EICAR-STANDARD-" + rb"ANTIVIRUS-TEST-FILE!$H+H*"
MARKER = b"AMPARO-TEST-MARKER-" + b"b7a41c6e29f0-NOT-A-VIRUS"
SIGNATURES = {
    "daily.ndb": f"Eicar-Test-Signature:0:*:{EICAR.hex()}\nAmparo.Test.Marker:0:*:{MARKER.hex()}\n",
    "daily.hdb": "aa15bcf478d165efd2065190eb473bcb:544:Clamav.Test.File-1\n",  # every file of Debian's clamav-testfiles
}


def database(version: int, now: datetime) -> bytes:
    """A `daily.cud`: a header of 512 bytes, then a tar.gz whose daily.info names size and SHA-256 of each part."""
    count = sum(text.count("\n") for text in SIGNATURES.values())
    header = f"ClamAV-VDB:{now:%d %b %Y %H-%M +0000}:{version}:{count}:90:X:X:amparo:{int(now.timestamp())}"
    parts = [f"{name}:{len(text)}:{hashlib.sha256(text.encode()).hexdigest()}" for name, text in SIGNATURES.items()]
    info = "\n".join([header, *parts, ""])
    body = io.BytesIO()
    with tarfile.open(fileobj=body, mode="w:gz", format=tarfile.USTAR_FORMAT) as tar:
        for name, text in {"COPYING": "Test signatures.\n", "daily.info": info, **SIGNATURES}.items():
            entry = tarfile.TarInfo(name)
            entry.size, entry.mtime = len(text.encode()), int(now.timestamp())
            tar.addfile(entry, io.BytesIO(text.encode()))
    return header.ljust(512).encode() + body.getvalue()


def write(folder: Path, version: int | None = None) -> None:
    """Write (or replace in one step) the database; without a version, the minute it is written in."""
    folder.mkdir(parents=True, exist_ok=True)
    fresh = folder / ".daily.cud.new"
    fresh.write_bytes(database(version or int(time.time() // 60), datetime.now(UTC)))
    fresh.replace(folder / "daily.cud")
