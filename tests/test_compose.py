"""docker-compose.yml cannot run everywhere; that it says what the portal needs is checked here."""

import re
from pathlib import Path
from typing import Any

import pytest
import yaml

ROOT = Path(__file__).resolve().parent.parent
TEXT = (ROOT / "docker-compose.yml").read_text()
COMPOSE = yaml.safe_load(TEXT)
SERVICES: dict[str, dict[str, Any]] = COMPOSE["services"]
ONE_SHOTS = {"buckets", "migrate", "seed", "certificate", "buckets-test", "test"}
PORTAL = ("migrate", "seed", "web", "pieces", "worker")


def names(text: str) -> set[str]:
    return set(re.findall(r"^([A-Z0-9_]+)=", text, re.MULTILINE))


EXAMPLE = (ROOT / ".env.example").read_text()
SETTINGS, ASKED = (names(half) for half in EXAMPLE.split("# ----"))
DEVELOPMENT = names((ROOT / "deploy" / "dev.env").read_text())
INTERPOLATED = set(re.findall(r"(?<!\$)\$\{([A-Z0-9_]+)", "\n".join(re.findall(r"^[^#\n]*", TEXT, re.MULTILINE))))
OPTIONAL = {"DATABASE_OWNER_URL", "S3_WEB_ACCESS_KEY_ID", "S3_WEB_SECRET_ACCESS_KEY"}


def test_the_example_names_every_setting_the_portal_reads_and_no_other():
    source = (ROOT / "portal" / "settings.py").read_text()
    read = set(re.findall(r'(?:required|number|environ\.get)\(f?"([A-Z0-9_]+)"', source))
    read |= set(re.findall(r'environ\["([A-Z0-9_]+)"\]', source))
    read |= {"S3_BUCKET_INTAKE", "S3_BUCKET_VAULT", "S3_BUCKET_WITNESS"} - {"TEST_DATABASE"}
    assert read - {"TEST_DATABASE"} == SETTINGS


@pytest.mark.parametrize("service", PORTAL)
def test_each_process_of_the_portal_is_given_every_setting(service):
    given = set(SERVICES[service]["environment"]) - {"GRANIAN_HOST", "GRANIAN_PORT", "GRANIAN_WORKERS"}
    assert given | OPTIONAL == SETTINGS


def test_only_the_migrations_have_the_owner_of_the_tables():
    assert [name for name in PORTAL if "DATABASE_OWNER_URL" in SERVICES[name]["environment"]] == ["migrate"]


def test_the_web_process_has_the_web_credential_and_the_worker_the_other():
    keys = {name: SERVICES[name]["environment"]["S3_SECRET_ACCESS_KEY"] for name in ("web", "pieces", "worker")}
    web = "${S3_WEB_SECRET_ACCESS_KEY:?}"
    assert keys == {"web": web, "pieces": web, "worker": "${S3_WORKER_SECRET_ACCESS_KEY:?}"}


def test_what_compose_asks_for_is_in_the_example_and_the_other_way_round():
    assert INTERPOLATED <= SETTINGS | ASKED
    assert ASKED - {"COMPOSE_PROFILES", "S3_TEST_ENDPOINT_URL"} <= INTERPOLATED


def test_the_development_file_answers_everything_compose_asks_for_and_nothing_else():
    assert INTERPOLATED - {"UPLOAD_LIMIT_MB", "MATTER_LIMIT_MB", "LOG_LEVEL"} == DEVELOPMENT - {"COMPOSE_PROFILES"}
    assert (ROOT / "deploy" / "dev.env").read_text().startswith("# DEVELOPMENT ONLY")


def test_no_secret_has_a_value_or_a_default_in_the_compose_file():
    secret = re.compile(r"^\s*\w*(?:SECRET|PASSWORD|ENCRYPTION)\w*:\s*(.*)$", re.MULTILINE)
    found = secret.findall(TEXT)
    assert found
    assert all(re.fullmatch(r"\$\{[A-Z0-9_]+:\?\}", value) for value in found), found


@pytest.mark.parametrize("service", SERVICES)
def test_each_service_is_watched_or_ends_by_itself(service):
    assert ("healthcheck" in SERVICES[service]) != (service in ONE_SHOTS)


@pytest.mark.parametrize("service", SERVICES)
def test_each_image_is_ours_or_pinned_to_a_release(service):
    image, ours = SERVICES[service]["image"], "build" in SERVICES[service]
    assert ours or re.search(r":(v?\d+\.\d+|RELEASE\.\d{4}-)", image), image


@pytest.mark.parametrize("service", SERVICES)
def test_each_service_has_no_more_powers_than_it_needs(service):
    found = SERVICES[service]
    assert found["cap_drop"] == ["ALL"]
    assert found["security_opt"] == ["no-new-privileges:true"]
    assert found["mem_limit"]


@pytest.mark.parametrize("service", PORTAL)
def test_the_portal_cannot_write_to_its_own_files_nor_reach_the_internet(service):
    assert SERVICES[service]["read_only"]
    assert SERVICES[service]["networks"] == ["inside"]
    assert COMPOSE["networks"]["inside"]["internal"]


@pytest.mark.parametrize("service", SERVICES)
def test_what_a_service_waits_for_exists_and_can_answer(service):
    for name, wait in SERVICES[service].get("depends_on", {}).items():
        expected = "service_completed_successfully" if name in ONE_SHOTS else "service_healthy"
        assert wait["condition"] == expected, name


@pytest.mark.parametrize("service", SERVICES)
def test_each_file_that_is_mounted_exists(service):
    mounted = [volume.partition(":")[0] for volume in SERVICES[service].get("volumes", [])]
    assert all((ROOT / path).exists() if path.startswith(".") else path in COMPOSE["volumes"] for path in mounted)


def test_nothing_but_nginx_and_the_mail_catcher_is_published():
    assert [name for name, service in SERVICES.items() if "ports" in service] == ["nginx", "mail"]
    assert SERVICES["mail"]["profiles"] == ["demo"]
    assert SERVICES["mail"]["ports"] == ["127.0.0.1:8025:8025"]


def test_the_scanner_reads_more_than_the_portal_takes():
    sizes = dict(re.findall(r"^(\w+) (\d+)M$", (ROOT / "deploy" / "clamd.conf").read_text(), re.MULTILINE))
    limit = TEXT.partition("UPLOAD_LIMIT_MB:-")[2].partition("}")[0]
    assert int(limit) < int(sizes["StreamMaxLength"]) <= int(sizes["MaxFileSize"]) <= int(sizes["MaxScanSize"])
