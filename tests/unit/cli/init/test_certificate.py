"""`sentinel init certificate`: what lies in the folders before and after."""

from __future__ import annotations

import os
import stat
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path

import pytest
from tests.support.pairs import (
    DAY,
    HOST,
    NOW,
    certificate,
    ec_key,
    key_pem,
    rsa_key,
)

from sentinel_netlab.cli.init.certificate import run
from sentinel_netlab.cli.init.pair import read_pair

NOBODY = 65_534


@pytest.fixture
def given(tmp_path):
    """The folder of the operator, as the repository has it."""
    folder = tmp_path / "given"
    folder.mkdir()
    (folder / ".gitkeep").touch()
    (folder / "README.md").touch()
    return folder


@pytest.fixture
def into(tmp_path):
    """The folder that nginx reads."""
    folder = tmp_path / "into"
    folder.mkdir()
    return folder


@pytest.fixture
def here(tmp_path, monkeypatch):
    """Another user may come here, though not through the folders above."""
    tmp_path.chmod(0o755)
    monkeypatch.chdir(tmp_path)


def give(folder, pem: bytes | None = None, key: bytes | None = None) -> None:
    """Put a pair into *folder*; a good one unless told."""
    (folder / "tls.crt").write_bytes(certificate() if pem is None else pem)
    (folder / "tls.key").write_bytes(key_pem() if key is None else key)


def content(folder) -> dict[str, bytes]:
    """Every file in *folder*."""
    return {path.name: path.read_bytes() for path in folder.iterdir()}


def content_of_pair(folder) -> dict[str, bytes]:
    """As `content`, without what is no part of the pair."""
    return {name: content(folder)[name] for name in ("tls.crt", "tls.key")}


def fingerprint(folder) -> str:
    """Of the certificate in *folder*, whose key is there too."""
    kept = content(folder)
    return read_pair(kept["tls.crt"], kept["tls.key"]).fingerprint


@contextmanager
def somebody_else():
    """Files of root may not be read; another user has no more rights than that."""
    me = os.geteuid()
    if me == 0:
        os.seteuid(NOBODY)
    try:
        yield
    finally:
        if me == 0:
            os.seteuid(me)


def test_a_given_pair_is_copied(given, into, capsys):
    """Byte for byte, and it is said which one it is."""
    chain = certificate(issuer=ec_key(1)) + certificate(ec_key(1), subject="issuer")
    give(given, chain)

    assert run(given, into, (HOST,), NOW) == 0

    said = capsys.readouterr()
    assert content(into) == {"tls.crt": chain, "tls.key": key_pem()}
    assert said.out == (
        f"the certificate is the given one: CN={HOST}; for {HOST}; until 2026-08-30; "
        f"SHA-256 {fingerprint(into)}\n"
    )
    assert said.err == ""


def test_a_self_signed_pair_is_made_and_said(given, into, capsys):
    """With its fingerprint and what to do, in one line."""
    assert run(given, into, (HOST,), NOW) == 0

    [line] = capsys.readouterr().err.splitlines()
    assert line.startswith("sentinel: warning: the certificate is self-signed: ")
    assert f"for localhost, {HOST}, 127.0.0.1, ::1; until 2027-07-03;" in line
    assert f"SHA-256 {fingerprint(into)};" in line
    assert f"put tls.crt and tls.key of a real one into {given}" in line
    assert set(content(into)) == {"tls.crt", "tls.key"}


def test_a_self_signed_pair_is_kept_and_said_again(given, into, capsys):
    """At every start the same line; the files are not touched."""
    run(given, into, (HOST,), NOW)
    first, before = capsys.readouterr().err, content(into)
    files = [path.stat().st_ino for path in into.iterdir()]

    assert run(given, into, (), NOW + 300 * DAY) == 0

    assert capsys.readouterr() == ("", first)
    assert content(into) == before
    assert [path.stat().st_ino for path in into.iterdir()] == files


@pytest.mark.parametrize(
    ("names", "days", "why"),
    [
        ((), 367, "it was valid until 2027-07-03"),
        (("b.example",), 0, "it is not for b.example"),
    ],
    ids=["age", "name"],
)
def test_a_self_signed_pair_is_renewed(given, into, capsys, names, days, why):
    """Who pinned the old one is told, and that nginx does not know yet."""
    run(given, into, (), NOW)
    old = fingerprint(into)
    capsys.readouterr()

    assert run(given, into, names, NOW + days * DAY) == 0

    renewed, is_self_signed = (said := capsys.readouterr()).err.splitlines()
    assert fingerprint(into) != old
    assert fingerprint(into) in is_self_signed
    assert f"is a new one, for {why}: who pinned the old one" in renewed
    assert "an nginx that runs has to be reloaded" in said.out


def test_a_given_pair_replaces_the_self_signed_one_and_back(given, into, capsys):
    """Nothing remains of the other."""
    run(given, into, (), NOW)
    give(given)
    assert run(given, into, (), NOW) == 0
    assert content(into) == content_of_pair(given)

    for name in ("tls.crt", "tls.key"):
        (given / name).unlink()
    capsys.readouterr()

    assert run(given, into, (), NOW) == 0
    said = capsys.readouterr()
    assert "self-signed: CN=self-signed,O=Sentinel NetLab" in said.err
    assert fingerprint(into) in said.err
    assert "reloaded" in said.out


@pytest.mark.parametrize("umask", [0o000, 0o077])
@pytest.mark.parametrize("is_given", [True, False], ids=["given", "self-signed"])
def test_user_and_group_alone_may_read(given, into, umask, is_given):
    """The group is that of nginx, another user; the umask makes no difference."""
    if is_given:
        give(given)
    old = os.umask(umask)
    try:
        run(given, into, (), NOW)
    finally:
        os.umask(old)

    modes = {path.name: stat.S_IMODE(path.stat().st_mode) for path in into.iterdir()}
    assert modes == {"tls.crt": 0o640, "tls.key": 0o640}


@pytest.mark.parametrize("is_given", [True, False], ids=["given", "self-signed"])
def test_a_changed_mode_is_repaired(given, into, is_given):
    """At the next start, with the same pair."""
    if is_given:
        give(given)
    run(given, into, (), NOW)
    before = content(into)
    for path in into.iterdir():
        path.chmod(0o644)

    run(given, into, (), NOW)

    assert content(into) == before
    assert {stat.S_IMODE(p.stat().st_mode) for p in into.iterdir()} == {0o640}


def test_who_has_the_old_file_open_reads_it_whole(given, into):
    """A new file takes its name; the old one is not written over."""
    run(given, into, (), NOW)
    old = content(into)
    give(given)

    with (into / "tls.crt").open("rb") as crt, (into / "tls.key").open("rb") as key:
        run(given, into, (), NOW)

        assert (crt.read(), key.read()) == (old["tls.crt"], old["tls.key"])
    assert content(into) == content_of_pair(given)


@pytest.mark.parametrize("failing", ["write", "rename"])
def test_a_full_disk_leaves_the_old_pair(given, into, capsys, monkeypatch, failing):
    """Whole, and nothing beside it; status 1."""
    run(given, into, (), NOW)
    old = content(into)
    give(given)
    capsys.readouterr()

    def full(*_arguments):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync" if failing == "write" else "replace", full)
    status = run(given, into, (), NOW)

    assert status == 1
    assert content(into) == old
    assert capsys.readouterr().err == f"sentinel: {into}: No space left on device\n"


def test_what_a_killed_start_left_is_repaired(given, into):
    """Half a new file, or a key without its certificate."""
    run(given, into, (), NOW)
    (into / "tls.key").write_bytes(key_pem(ec_key(1)))
    (into / ".tls.key.new").write_bytes(b"-----BEG")

    assert run(given, into, (), NOW) == 0

    assert set(content(into)) == {"tls.crt", "tls.key"}
    assert fingerprint(into)


def test_starts_at_once_end_with_one_pair(given, into, capsys):
    """The second waits for the first, and keeps what that made."""
    with ThreadPoolExecutor(8) as pool:
        done = list(pool.map(lambda _: run(given, into, (), NOW), range(8)))

    assert done == [0] * 8
    lines = capsys.readouterr().err.splitlines()
    assert len(lines) == 8
    assert len(set(lines)) == 1
    assert fingerprint(into) in lines[0]


@pytest.mark.parametrize(
    ("files", "told"),
    [
        (["tls.crt"], "holds tls.crt, and not tls.key: it has to hold tls.crt"),
        (["tls.key"], "holds tls.key, and not tls.crt: it has to hold tls.crt"),
        (
            ["fullchain.pem", "privkey.pem"],
            "holds fullchain.pem, privkey.pem, and not tls.crt and tls.key",
        ),
    ],
    ids=["no key", "no certificate", "other names"],
)
def test_half_a_pair_is_refused(given, into, capsys, files, told):
    """78, with the names that are expected; nothing is made."""
    for name in files:
        (given / name).write_bytes(certificate())

    assert run(given, into, (), NOW) == 78

    [line] = capsys.readouterr().err.splitlines()
    assert line.startswith(f"sentinel: {given} {told}")
    assert content(into) == {}


@pytest.mark.parametrize(
    ("pem", "key", "told"),
    [
        (certificate(end=NOW - DAY / 2), None, "tls.crt is expired since 2026-06-01"),
        (certificate(begin=NOW + DAY), None, "tls.crt is not valid before 2026-06-02"),
        (None, key_pem(ec_key(1)), "they do not match"),
        (None, key_pem(password=b"hunter2"), "tls.key is encrypted"),
        (certificate(rsa_key(1024)), key_pem(rsa_key(1024)), "RSA needs 2048"),
    ],
    ids=["expired", "early", "mismatch", "encrypted", "weak"],
)
def test_a_bad_pair_is_refused(given, into, capsys, pem, key, told):
    """78 and one line; the pair of the last start stays."""
    run(given, into, (), NOW)
    old = content(into)
    capsys.readouterr()
    give(given, pem, key)

    assert run(given, into, (), NOW) == 78

    out, err = capsys.readouterr()
    assert (out, len(err.splitlines())) == ("", 1)
    assert err.startswith(f"sentinel: {given}: ")
    assert told in err
    assert content(into) == old


def test_a_pair_that_ends_soon_is_served_with_a_warning(given, into, capsys):
    """And one that does not name the host."""
    give(given, certificate(end=NOW + 20 * DAY))

    assert run(given, into, ("b.example",), NOW) == 0

    assert capsys.readouterr().err.splitlines() == [
        "sentinel: warning: tls.crt expires in 20 days: renew it",
        "sentinel: warning: tls.crt is not for b.example",
    ]
    assert fingerprint(into) == fingerprint(given)


def test_a_file_that_may_not_be_read_says_what_to_do(here, given, into, capsys):
    """The key of another user with mode 0600, as certbot leaves it."""
    give(given)
    (given / "tls.key").chmod(0)

    with somebody_else():
        group = os.getegid()
        assert run(Path("given"), Path("into"), (), NOW) == 78

    told = capsys.readouterr().err
    assert "tls.key cannot be read by user " in told
    assert f"`chgrp {group}` and `chmod 640` it" in told


def test_a_link_to_elsewhere_says_what_to_do(given, into, capsys):
    """As certbot's live/ has them: outside of what the container sees."""
    give(given)
    (given / "tls.key").unlink()
    (given / "tls.key").symlink_to("../../archive/privkey1.pem")

    assert run(given, into, (), NOW) == 78
    assert "tls.key is a link to what is not there" in capsys.readouterr().err


def test_a_folder_in_the_place_of_a_file_is_said(given, into, capsys):
    """Docker makes one for a file that it cannot find."""
    give(given)
    (given / "tls.key").unlink()
    (given / "tls.key").mkdir()

    assert run(given, into, (), NOW) == 78
    assert "tls.key cannot be read: Is a directory" in capsys.readouterr().err


def test_folders_have_to_be_there(given, into, tmp_path, capsys):
    """78 for the operator's, 1 for the other."""
    assert run(tmp_path / "a", into, (), NOW) == 78
    assert run(given, tmp_path / "b", (), NOW) == 1

    assert capsys.readouterr().err.splitlines() == [
        f"sentinel: {tmp_path / 'a'}: No such file or directory",
        f"sentinel: {tmp_path / 'b'}: No such file or directory",
    ]


def test_a_folder_that_may_not_be_written_is_said(here, given, into, capsys):
    """1, and its name."""
    into.chmod(0o555)

    with somebody_else():
        assert run(Path("given"), Path("into"), (), NOW) == 1

    assert capsys.readouterr().err == (
        "sentinel: into/.tls.key.new: Permission denied\n"
    )
