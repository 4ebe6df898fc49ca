"""Secrets in files."""

from __future__ import annotations

import os

import pytest

from sentinel_netlab.settings.files import MAX_BYTES, is_too_open, read_secret_file


@pytest.mark.parametrize(
    ("data", "text"),
    [
        (b"secret", "secret"),
        (b"secret\n", "secret"),
        (b"secret\r\n", "secret"),
        (b" secret ", " secret "),
        ("schlüssel\n".encode(), "schlüssel"),
        (b"", ""),
    ],
)
def test_newlines_at_the_end_are_no_part(tmp_path, data, text):
    """Editors add them; spaces are what somebody meant."""
    path = tmp_path / "secret"
    path.write_bytes(data)

    assert read_secret_file(str(path)).text == text


def test_mode_is_told(tmp_path):
    """The permission bits, and nothing else of the mode."""
    path = tmp_path / "secret"
    path.write_bytes(b"x")
    path.chmod(0o440)

    assert read_secret_file(str(path)).mode == 0o440


def test_text_is_not_in_the_repr(tmp_path):
    """Tracebacks of others show arguments."""
    path = tmp_path / "secret"
    path.write_bytes(b"hunter2")

    assert "hunter2" not in repr(read_secret_file(str(path)))


@pytest.mark.parametrize("data", [b"\xff\xfe", b"x" * (MAX_BYTES + 1)])
def test_what_is_no_secret_is_refused(tmp_path, data):
    """Binary files, and files without end."""
    path = tmp_path / "secret"
    path.write_bytes(data)

    with pytest.raises(ValueError, match=r"is not UTF-8|is larger"):
        read_secret_file(str(path))


def test_a_pipe_will_do():
    """As a shell gives for <(command)."""
    reader, writer = os.pipe()
    os.write(writer, b"secret\n")
    os.close(writer)

    assert read_secret_file(f"/dev/fd/{reader}").text == "secret"
    os.close(reader)


@pytest.mark.parametrize(
    ("mode", "wide"),
    [(0o440, False), (0o400, False), (0o040, False), (0o444, True), (0o600, True)],
)
def test_modes(mode, wide):
    """Readable for the owner and one group at most."""
    assert is_too_open(mode) is wide
