"""The services every other test stands on: what each credential may do, and what the scanner knows."""

import os
import socket
import subprocess
import sys
import zipfile
from collections.abc import Callable
from io import BytesIO
from pathlib import Path
from uuid import uuid4

import boto3
import pytest
from botocore import UNSIGNED
from botocore.config import Config
from botocore.exceptions import ClientError
from django.conf import settings
from mypy_boto3_s3 import S3Client

from scripts import clamav, process, signatures

SERVICES = Path(os.environ["AMPARO_SERVICES"])


def client(key: str = "", secret: str = "") -> S3Client:
    config = Config(signature_version="s3v4" if key else UNSIGNED, s3={"addressing_style": "path"})
    return boto3.client("s3", endpoint_url=settings.S3_ENDPOINT_URL, region_name="us-east-1", config=config,
                        aws_access_key_id=key, aws_secret_access_key=secret)  # fmt: skip


def client_of(file: str) -> S3Client:
    given = dict(line.removeprefix("export ").split("=", 1) for line in (SERVICES / file).read_text().splitlines())
    return client(given["S3_ACCESS_KEY_ID"], given["S3_SECRET_ACCESS_KEY"])


@pytest.fixture(scope="module")
def worker() -> S3Client:
    return client_of("env")


@pytest.fixture(scope="module")
def web() -> S3Client:
    return client_of("web.env")


@pytest.fixture
def key() -> str:
    return f"ground/{uuid4()}"


def refusal(call: Callable[[], object]) -> int:
    with pytest.raises(ClientError) as refused:
        call()
    return refused.value.response["ResponseMetadata"]["HTTPStatusCode"]


def test_web_puts_and_gets_intake(web, key):
    web.put_object(Bucket="amparo-intake", Key=key, Body=b"page")
    assert web.get_object(Bucket="amparo-intake", Key=key)["Body"].read() == b"page"


def test_web_gets_what_the_worker_put_in_the_vault(web, worker, key):
    worker.put_object(Bucket="amparo-vault", Key=key, Body=b"page")
    assert web.get_object(Bucket="amparo-vault", Key=key)["Body"].read() == b"page"


@pytest.mark.parametrize("bucket", ["amparo-intake", "amparo-vault", "amparo-witness"])
def test_web_lists_and_deletes_nothing(web, worker, key, bucket):
    worker.put_object(Bucket=bucket, Key=key, Body=b"page")
    assert refusal(lambda: web.list_objects_v2(Bucket=bucket)) == 403
    assert refusal(lambda: web.delete_object(Bucket=bucket, Key=key)) == 403


@pytest.mark.parametrize("bucket", ["amparo-vault", "amparo-witness"])
def test_web_writes_nowhere_but_intake(web, key, bucket):
    assert refusal(lambda: web.put_object(Bucket=bucket, Key=key, Body=b"page")) == 403
    assert refusal(lambda: web.create_multipart_upload(Bucket=bucket, Key=key)) == 403


def test_web_never_reads_the_witness(web, worker, key):
    worker.put_object(Bucket="amparo-witness", Key=key, Body=b"head")
    assert refusal(lambda: web.get_object(Bucket="amparo-witness", Key=key)) == 403


def test_web_copies_nothing_out_of_the_vault_elsewhere(web, worker, key):
    worker.put_object(Bucket="amparo-vault", Key=key, Body=b"page")
    source = {"Bucket": "amparo-vault", "Key": key}
    assert refusal(lambda: web.copy_object(Bucket="amparo-witness", Key=key, CopySource=source)) == 403


@pytest.mark.parametrize("bucket", ["amparo-intake", "amparo-vault"])
def test_worker_lists_and_deletes(worker, key, bucket):
    worker.put_object(Bucket=bucket, Key=key, Body=b"page")
    worker.delete_object(Bucket=bucket, Key=key)
    assert "Contents" not in worker.list_objects_v2(Bucket=bucket, Prefix=key)


def test_worker_makes_and_removes_no_bucket_and_no_policy(worker):
    assert refusal(lambda: worker.create_bucket(Bucket="amparo-other")) == 403
    assert refusal(lambda: worker.delete_bucket(Bucket="amparo-vault")) == 403
    assert refusal(lambda: worker.put_bucket_policy(Bucket="amparo-vault", Policy="{}")) == 403


def test_what_the_witness_keeps_nobody_deletes(worker, key):
    kept = worker.put_object(Bucket="amparo-witness", Key=key, Body=b"head")
    assert refusal(lambda: worker.delete_object(Bucket="amparo-witness", Key=key)) == 403
    assert refusal(lambda: worker.delete_object(Bucket="amparo-witness", Key=key, VersionId=kept["VersionId"])) == 403


def test_an_object_is_written_once(web, key):
    web.put_object(Bucket="amparo-intake", Key=key, Body=b"first", IfNoneMatch="*")
    assert refusal(lambda: web.put_object(Bucket="amparo-intake", Key=key, Body=b"second", IfNoneMatch="*")) == 412


def test_a_multipart_object_is_written_once(worker, key):
    worker.put_object(Bucket="amparo-vault", Key=key, Body=b"first")
    name = {"Bucket": "amparo-vault", "Key": key}
    upload = worker.create_multipart_upload(**name)["UploadId"]
    part = {"PartNumber": 1, "ETag": worker.upload_part(**name, UploadId=upload, PartNumber=1, Body=b"second")["ETag"]}
    done = {"UploadId": upload, "MultipartUpload": {"Parts": [part]}, "IfNoneMatch": "*"}
    assert refusal(lambda: worker.complete_multipart_upload(**name, **done)) == 412
    worker.abort_multipart_upload(**name, UploadId=upload)


def test_strangers_get_nothing(worker, key):
    worker.put_object(Bucket="amparo-vault", Key=key, Body=b"page")
    nobody = client()
    assert refusal(lambda: nobody.get_object(Bucket="amparo-vault", Key=key)) == 403
    assert refusal(lambda: nobody.list_objects_v2(Bucket="amparo-vault")) == 403
    assert refusal(lambda: nobody.put_object(Bucket="amparo-intake", Key=key, Body=b"page")) == 403


def scanned(content: bytes) -> str:
    host, port = settings.CLAMD_ADDRESS.rsplit(":", 1)
    with socket.create_connection((host, int(port)), timeout=20) as line:
        line.sendall(b"zINSTREAM\0" + len(content).to_bytes(4, "big") + content + bytes(4))
        return line.makefile("rb").read().rstrip(b"\0").decode()


def test_eicar_is_found():
    assert scanned(signatures.EICAR) == "stream: Eicar-Test-Signature.UNOFFICIAL FOUND"


def test_the_marker_is_found_anywhere():
    assert scanned(b"%PDF-1.7 " + signatures.MARKER + b" more") == "stream: Amparo.Test.Marker.UNOFFICIAL FOUND"


def test_the_marker_is_found_inside_a_zip():
    with zipfile.ZipFile(packed := BytesIO(), "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("word/media/image1.bin", signatures.MARKER)
    assert "Amparo.Test.Marker" in scanned(packed.getvalue())


def test_a_clean_file_is_clean():
    assert scanned(b"a page") == "stream: OK"


def test_signatures_are_dated_and_newer_ones_are_taken_up(tmp_path):
    clamd, port = tmp_path / "clamd", process.choose_block(1)
    clamav.start(clamd, port)
    try:
        before = clamav.ask(port, "VERSION")
        signatures.write(clamd / "signatures", version=2_000_000_000)
        clamav.ask(port, "RELOAD")
        assert process.until(lambda: "/2000000000/" in clamav.ask(port, "VERSION"), 10), before
    finally:
        clamav.stop(clamd, throwaway=True)


def test_a_service_killed_at_once_starts_again(tmp_path):
    clamd, port = tmp_path / "clamd", process.choose_block(1)
    clamav.start(clamd, port)
    os.kill(process.pid_of(clamd, "clamd") or 0, 9)
    assert process.until(lambda: process.pid_of(clamd, "clamd") is None, 5)
    clamav.start(clamd, port)
    clamav.stop(clamd, throwaway=False)
    assert process.pid_of(clamd, "clamd") is None


def test_a_stop_never_touches_a_process_of_somebody_else(tmp_path):
    with subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE) as other:
        (tmp_path / "clamd.pid").write_text(f"{other.pid} 1")  # the same number, begun at another time
        clamav.stop(tmp_path, throwaway=True)
        assert other.poll() is None
        other.communicate(b"\n")
