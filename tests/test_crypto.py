"""Key-encryption keys and sealed columns."""

import pytest

from portal import crypto
from portal.crypto import SealedJSONField, SealedTextField, Unwrappable

OLD, NEW = ("old", b"o" * 32), ("new", b"n" * 32)
NAME = "I-589 María Pérez.pdf"


def test_what_was_wrapped_opens():
    wrapped = crypto.wrap(b"a matter's key", b"context")
    assert b"key" not in wrapped
    assert crypto.unwrap(wrapped, b"context") == b"a matter's key"


def test_the_same_secret_is_never_wrapped_the_same():
    assert crypto.wrap(b"secret", b"context") != crypto.wrap(b"secret", b"context")


def test_another_context_does_not_open():
    with pytest.raises(Unwrappable):
        crypto.unwrap(crypto.wrap(b"secret", b"context"), b"another")


@pytest.mark.parametrize("at", [0, 3, 10, -1])
def test_one_changed_byte_does_not_open(at):
    wrapped = bytearray(crypto.wrap(b"secret", b"context"))
    wrapped[at] ^= 1
    with pytest.raises(Unwrappable):
        crypto.unwrap(bytes(wrapped), b"context")


@pytest.mark.parametrize("nothing", [b"", b"\x01", b"plain text, long enough to be something else"])
def test_what_was_never_wrapped_does_not_open(nothing):
    with pytest.raises(Unwrappable):
        crypto.unwrap(nothing, b"context")


def test_old_keys_still_open_and_ask_to_be_wrapped_anew(settings):
    settings.KEY_ENCRYPTION_KEYS = [OLD]
    wrapped = crypto.wrap(b"secret", b"context")
    assert not crypto.needs_rewrap(wrapped)
    settings.KEY_ENCRYPTION_KEYS = [NEW, OLD]
    assert crypto.unwrap(wrapped, b"context") == b"secret"
    assert crypto.needs_rewrap(wrapped)


def test_the_first_key_wraps(settings):
    settings.KEY_ENCRYPTION_KEYS = [NEW, OLD]
    wrapped = crypto.wrap(b"secret", b"context")
    settings.KEY_ENCRYPTION_KEYS = [NEW]
    assert crypto.unwrap(wrapped, b"context") == b"secret"


def test_a_key_that_is_gone_opens_nothing(settings):
    settings.KEY_ENCRYPTION_KEYS = [OLD]
    wrapped = crypto.wrap(b"secret", b"context")
    settings.KEY_ENCRYPTION_KEYS = [NEW]
    with pytest.raises(Unwrappable):
        crypto.unwrap(wrapped, b"context")


def sealed(purpose: str = "document.name") -> SealedTextField:
    return SealedTextField(purpose=purpose)


def test_a_sealed_column_holds_ciphertext_and_reads_as_text():
    stored = sealed().get_prep_value(NAME)
    assert stored.isascii()
    assert "rez" not in stored
    assert sealed().from_db_value(stored, None, None) == NAME


@pytest.mark.parametrize("nothing", ["", None])
def test_nothing_stays_nothing(nothing):
    assert sealed().get_prep_value(nothing) == nothing
    assert sealed().from_db_value(nothing, None, None) == nothing


def test_a_value_copied_into_another_column_does_not_open():
    stored = sealed("document.note").get_prep_value(NAME)
    with pytest.raises(Unwrappable):
        sealed().from_db_value(stored, None, None)


@pytest.mark.parametrize("planted", [NAME, "plain", "cGxhaW4="])
def test_plain_text_in_a_sealed_column_is_not_believed(planted):
    with pytest.raises(Unwrappable):
        sealed().from_db_value(planted, None, None)


def test_a_sealed_column_cannot_be_compared():
    assert sealed().get_lookup("exact") is None
    assert sealed().get_lookup("isnull") is not None


def test_migrations_can_write_it_down():
    _name, path, args, kwargs = SealedTextField(purpose="document.name", blank=True).deconstruct()
    assert (path, args, kwargs) == ("portal.crypto.SealedTextField", [], {"blank": True, "purpose": "document.name"})


@pytest.mark.parametrize("value", [{}, {"name": NAME, "pages": [1, [2, None]]}, [], "text", 7])
def test_a_sealed_json_column_reads_as_the_value_it_was(value):
    field = SealedJSONField(purpose="documents.packet.order")
    stored = field.get_db_prep_value(value, None)
    assert stored.isascii()
    assert "name" not in stored
    assert field.from_db_value(stored, None, None) == value


def test_a_sealed_json_column_cannot_be_searched():
    assert SealedJSONField(purpose="documents.packet.order").get_lookup("contains") is None
