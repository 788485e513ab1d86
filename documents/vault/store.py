"""The object store: the only place that asks for `storages[…]`. What it keeps is ciphertext to it.

Every function raises StoreUnavailable where the store gives no answer, and StoreRefused where it says no.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from http import HTTPStatus
from typing import TYPE_CHECKING, Any

from botocore.exceptions import ClientError, ConnectionError, HTTPClientError, IncompleteReadError
from botocore.parsers import ResponseParserError
from django.core.files.storage import storages
from storages.backends.s3 import S3Storage

from documents.vault.pieces import is_of, root

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client

PROBES = "probes/"  # keys of the probes, which no inventory counts


class Area(StrEnum):
    INTAKE = "intake"
    VAULT = "vault"
    WITNESS = "witness"


VERSIONED = {Area.INTAKE}  # where others may write: what is written over can still be had, and is deleted by version


class StoreUnavailable(Exception):
    """The store gave no answer. Nothing is known about the bytes: whatever needs them waits."""


class StoreRefused(StoreUnavailable):
    """The store answered no: credential, policy, bucket or request. `code` is its own word for it."""

    def __init__(self, code: str) -> None:
        super().__init__(f"The store refused: {code}.")
        self.code = code


class Missing(Exception):
    """No object lies there."""


class AlreadyThere(Exception):
    """Something lies there already, and nothing is ever written over it."""


@dataclass(frozen=True, slots=True)
class Stored:
    """An object as the store lists it; `bytes` of ciphertext."""

    key: str
    bytes: int
    modified: datetime


@dataclass(frozen=True, slots=True)
class Version:
    """One of all that was ever put under a key; a mark that it was deleted has no `bytes`."""

    key: str
    id: str
    newest: bool
    bytes: bool


@dataclass(frozen=True, slots=True)
class Unfinished:
    """A multipart upload that was begun and neither completed nor aborted."""

    key: str
    upload_id: str
    started: datetime


def storage(area: Area) -> S3Storage:
    """The configured storage of this area: its credential and its bucket."""
    found: S3Storage = storages[area]
    return found


def bucket(area: Area) -> "tuple[S3Client, dict[str, Any]]":
    """This thread's client with our credential, and the bucket as the keyword every request takes."""
    found = storage(area)
    return found.connection.meta.client, {"Bucket": found.bucket_name}


def bucket_as(area: Area, access_key: str, secret_key: str) -> "tuple[S3Client, dict[str, Any]]":
    """The same with another credential than ours: for those who try what it may."""
    ours = storage(area)
    other = S3Storage(
        access_key=access_key,
        secret_key=secret_key,
        endpoint_url=ours.endpoint_url,
        region_name=ours.region_name,
        client_config=ours.client_config,
        bucket_name=ours.bucket_name,
    )
    return other.connection.meta.client, {"Bucket": other.bucket_name}


@contextmanager
def asking() -> Iterator[None]:
    """Around every request, and around reading its answer: botocore's errors become the four of this module."""
    try:
        yield
    except ClientError as error:
        raise _meaning(error) from error
    except (ConnectionError, HTTPClientError, IncompleteReadError, ResponseParserError) as error:
        raise StoreUnavailable(f"The store gave no answer ({type(error).__name__}).") from error


def _meaning(error: ClientError) -> Exception:
    code = error.response["Error"].get("Code", "")
    status = error.response["ResponseMetadata"]["HTTPStatusCode"]
    if status == HTTPStatus.PRECONDITION_FAILED:
        return AlreadyThere("Something lies there already.")
    if status == HTTPStatus.NOT_FOUND and code in {"NoSuchKey", "404"}:  # HEAD has no body to say which
        return Missing("No object lies there.")
    if status >= HTTPStatus.INTERNAL_SERVER_ERROR or code in {"SlowDown", "RequestTimeout"}:
        return StoreUnavailable(f"The store gave no answer ({code} {status}).")
    return StoreRefused(code or str(status))


def put(area: Area, key: str, body: bytes, **more: Any) -> None:
    """One object in one request, never over another. Raises AlreadyThere."""
    client, there = bucket(area)
    with asking():
        client.put_object(**there, Key=key, Body=body, IfNoneMatch="*", **more)


def get(area: Area, key: str, **more: Any) -> bytes:
    """One small object as it lies there. Raises Missing."""
    client, there = bucket(area)
    with asking():
        return client.get_object(**there, Key=key, **more)["Body"].read()


def shred(area: Area, key: str) -> None:
    """The object is gone, whether or not it was there, and so is all that was ever written over it or under it."""
    client, there = bucket(area)
    if area in VERSIONED:
        for version in [*versions(area, key)]:
            with asking():
                client.delete_object(**there, Key=version.key, VersionId=version.id)
    else:
        with asking():
            client.delete_object(**there, Key=key)


def versions(area: Area, key: str) -> Iterator[Version]:
    """All that lies under this very key or is a piece of it, the newest first; in a bucket without versions there is one
    of each, called "null"."""
    client, there = bucket(area)
    with asking():
        for page in client.get_paginator("list_object_versions").paginate(**there, Prefix=root(key)):
            for each in [*page.get("Versions", []), *page.get("DeleteMarkers", [])]:
                if is_of(each["Key"], key):
                    yield Version(each["Key"], each["VersionId"], each["IsLatest"], "Size" in each)


def first_version(area: Area, key: str) -> str:
    """What was put under this key before anything else. Raises Missing."""
    found = [version.id for version in versions(area, key) if version.key == key and version.bytes]
    if not found:
        raise Missing("No object lies there.")
    return found[-1]


def inventory(area: Area) -> Iterator[Stored]:
    """Every object but the probes."""
    return (each for each in listed(area) if not each.key.startswith(PROBES))


def unfinished(area: Area) -> Iterator[Unfinished]:
    """Every multipart upload still open: their parts take room and no inventory shows them."""
    client, there = bucket(area)
    with asking():
        for page in client.get_paginator("list_multipart_uploads").paginate(**there):
            for each in page.get("Uploads", []):
                yield Unfinished(each["Key"], each["UploadId"], each["Initiated"])


def abort_unfinished(area: Area, key: str, upload_id: str) -> None:
    """The upload is gone, whether or not it was there."""
    client, there = bucket(area)
    try:
        with asking():
            client.abort_multipart_upload(**there, Key=key, UploadId=upload_id)
    except StoreRefused as refused:
        if refused.code != "NoSuchUpload":
            raise


def listed(area: Area, prefix: str = "") -> Iterator[Stored]:
    client, there = bucket(area)
    with asking():
        for page in client.get_paginator("list_objects_v2").paginate(**there, Prefix=prefix):
            for each in page.get("Contents", []):
                yield Stored(each["Key"], each["Size"], each["LastModified"])
