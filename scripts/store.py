"""SeaweedFS's S3 server on loopback, with an owner who makes the buckets and the portal's two credentials."""

import json
import signal
import sys
from collections.abc import Mapping
from functools import partial
from pathlib import Path

import boto3
from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError
from mypy_boto3_s3 import S3Client
from mypy_boto3_s3.type_defs import VersioningConfigurationTypeDef

from scripts import process

POLICIES = Path(__file__).resolve().parent.parent / "deploy" / "s3"
BUCKETS = ("amparo-intake", "amparo-vault", "amparo-witness")
VERSIONED: VersioningConfigurationTypeDef = {"Status": "Enabled"}
PORTS = 5  # s3, master, volume, filer, admin; each takes one more, this far up, for gRPC
GRPC = 10_000


def _identities(secrets: Mapping[str, str]) -> str:
    def identity(name: str, **powers: list[str]) -> dict[str, object]:
        key = {"accessKey": f"amparo-{name}", "secretKey": secrets[f"s3_{name}"]}
        return {"name": name, "credentials": [key], "actions": [], **powers}

    limited = ("web", "worker")
    return json.dumps({
        "identities": [
            identity("owner", actions=["Admin"]), *(identity(name, policyNames=[name]) for name in limited)],
        "policies": [{"name": name, "content": (POLICIES / f"{name}.json").read_text()} for name in limited],
    })  # fmt: skip


def _command(folder: Path, port: int) -> list[str]:
    names = ("s3", "master", "volume", "filer", "admin")
    return [
        str(Path(sys.executable).with_name("weed")), "-logtostderr=true", "mini", f"-dir={folder}/data",
        f"-s3.config={folder}/identities.json", "-ip=127.0.0.1", "-ip.bind=127.0.0.1",
        *(f"-{name}.port={port + n}" for n, name in enumerate(names)),
        *(f"-{name}.port.grpc={port + n + GRPC}" for n, name in enumerate(names)),
        "-webdav=false", "-admin.ui=false", "-s3.port.iceberg=0", "-s3.port.lance=0", "-s3.autoCreateBucket=false",
        "-s3.allowDeleteBucketNotEmpty=false", "-master.telemetry=false",
    ]  # fmt: skip


def client(port: int, secret: str) -> S3Client:
    return boto3.client(
        "s3", endpoint_url=f"http://127.0.0.1:{port}", region_name="us-east-1",
        aws_access_key_id="amparo-owner", aws_secret_access_key=secret,
        config=Config(connect_timeout=1, read_timeout=5, retries={"total_max_attempts": 1},
                      request_checksum_calculation="when_required", s3={"addressing_style": "path"}),
    )  # fmt: skip


def start(folder: Path, port: int, secrets: Mapping[str, str]) -> None:
    (folder / "data").mkdir(parents=True, exist_ok=True)
    if not process.pid_of(folder, "seaweedfs"):
        identities = folder / "identities.json"
        identities.touch(mode=0o600)
        identities.write_text(_identities(secrets))
        process.spawn(folder, "seaweedfs", _command(folder, port))
    process.wait_ready(folder, "seaweedfs", partial(_takes_bytes, client(port, secrets["s3_owner"])))


def _takes_bytes(s3: S3Client) -> bool:
    """Buckets are there (the witness locks what it keeps, intake keeps what is written over) and one takes an object."""
    try:
        there = {bucket["Name"] for bucket in s3.list_buckets()["Buckets"]}
        for bucket in set(BUCKETS) - there:
            s3.create_bucket(Bucket=bucket, ObjectLockEnabledForBucket=bucket == "amparo-witness")
        s3.put_object(Bucket="amparo-vault", Key="ready", Body=b"?")
        s3.delete_object(Bucket="amparo-vault", Key="ready")
        s3.put_bucket_versioning(Bucket="amparo-intake", VersioningConfiguration=VERSIONED)
    except (BotoCoreError, ClientError):
        return False
    return True


def stop(folder: Path, *, throwaway: bool) -> None:
    process.stop(folder, "seaweedfs", signal.SIGKILL if throwaway else signal.SIGTERM)
