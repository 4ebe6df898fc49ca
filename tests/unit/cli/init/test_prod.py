"""`sentinel init prod`: settings that start the stack, with secrets nobody is told."""

from __future__ import annotations

import itertools
import os
import re
import stat
from pathlib import Path

import pytest
from tests.meta.test_example_settings import CLASSES, parsed
from typer.testing import CliRunner

from sentinel_netlab.cli.app import app
from sentinel_netlab.cli.init.example import example_file
from sentinel_netlab.cli.init.prod import GROUP, Keep, make_secret, make_texts
from sentinel_netlab.settings import SettingsError, load, read
from sentinel_netlab.settings.files import SecretFile, read_secret_file
from sentinel_netlab.settings.secrets import weakness
from sentinel_netlab.store.settings import DatabaseSettings

SECRETS = {
    "app/controller_hmac_secret",
    "app/controller_secret_key",
    "app/database_url",
    "migration/migration_database_url",
    "postgres/postgres_password",
}
READERS = (*CLASSES, DatabaseSettings)


@pytest.fixture(autouse=True)
def root(tmp_path, monkeypatch):
    """The root of a project, where the command is run."""
    (tmp_path / "ops").mkdir()
    monkeypatch.chdir(tmp_path)
    return tmp_path


def init(*arguments: str):
    """Run `sentinel init prod` with *arguments*."""
    return CliRunner().invoke(app, ["init", "prod", *arguments])


def mode(path: Path | str) -> int:
    """The permission bits of *path*."""
    return stat.S_IMODE(Path(path).stat().st_mode)


def mounted(path: str) -> SecretFile:
    """The file that a container sees as *path*."""
    inside = Path(path).relative_to("/run/secrets")
    return read_secret_file(str("ops/secrets" / inside))


def judged(text: str) -> list[str]:
    """Problems and warnings that any process has with the env file *text*."""
    readings = [read(cls, parsed(text), read_file=mounted) for cls in READERS]
    return [line for one in readings for line in (*one.problems, *one.warnings)]


def numbered():
    """A maker of secrets that are known: s1, s2 …"""
    numbers = itertools.count(1)
    return lambda: f"s{next(numbers)}"


def written() -> dict[str, str]:
    """Every file under ops/secrets."""
    folder = Path("ops/secrets")
    files = [path for path in folder.rglob("*") if path.is_file()]
    return {str(path.relative_to(folder)): path.read_text() for path in files}


@pytest.mark.parametrize("keep", ["env", "files"])
def test_every_process_will_start(keep):
    """Without a warning."""
    done = init("--secrets", keep)

    assert done.exit_code == 0, done.output
    assert judged(Path("ops/.env").read_text()) == []


def test_a_container_without_a_folder_will_not_start():
    """So the test above reads the files."""
    init("--secrets", "files")
    Path("ops/secrets/app/database_url").unlink()

    assert "DATABASE_URL_FILE: cannot be read: No such file or directory" in judged(
        Path("ops/.env").read_text()
    )


def test_config_check_agrees(monkeypatch):
    """The command that judges the file at each start of the stack."""
    init()
    for name in os.environ:
        monkeypatch.delenv(name)
    for name, value in parsed(Path("ops/.env").read_text()).items():
        monkeypatch.setenv(name, value)

    done = CliRunner().invoke(app, ["config", "check"])

    assert (done.exit_code, done.output) == (0, "the settings are complete\n")


@pytest.mark.parametrize(
    ("arguments", "last"),
    [
        ((), "next: docker compose up -d"),
        (("--secrets", "files"), "next: docker compose up -d"),
        (("--file", "ops/other"), "ops/other is written"),
    ],
    ids=str,
)
def test_no_secret_is_printed(arguments, last):
    """The path, and what to type next."""
    done = init(*arguments)

    assert done.stderr == ""
    assert done.stdout.splitlines()[-1] == last
    env = Path("ops/other" if "--file" in arguments else "ops/.env").read_text()
    secrets = re.findall(r"[\w-]{48}", env + "".join(written().values()))
    assert len(secrets) == 5
    assert not [secret for secret in secrets if secret in done.output]


def test_it_is_the_example_with_other_values():
    """The same names in the same order, with the same comments."""
    texts = make_texts(Keep.ENV, (), numbered())
    example = example_file().partition("\n\n")[2]

    assert "change-me" not in texts.env
    assert texts.secrets == {}
    numbers = itertools.count(1)
    filled = re.sub(r"change-me-[a-z0-9-]+", lambda _: f"s{next(numbers)}", example)
    assert texts.env.partition("\n\n")[2] == filled
    assert "//sentinel_app:s1@postgres/sentinel" in texts.env


def test_files_hold_what_the_env_file_would():
    """Whole URLs; the env file names them under the folders of the containers."""
    plain = parsed(make_texts(Keep.ENV, (), numbered()).env)
    texts = make_texts(Keep.FILES, (), numbered())
    env = parsed(texts.env)

    assert set(texts.secrets) == SECRETS
    for file, secret in texts.secrets.items():
        name = file.partition("/")[2].upper()
        assert secret == plain[name]
        assert name not in env
        assert env[f"{name}_FILE"] == f"/run/secrets/{file}"
    assert not re.search(r"\bs\d\b", texts.env)
    assert "s1" not in repr(texts)


def test_two_runs_have_no_secret_in_common():
    """Nor does one run use a secret twice."""
    values = [
        secret
        for _ in range(2)
        for secret in make_texts(Keep.FILES, ()).secrets.values()
    ]
    secrets = [re.findall(r"[\w-]{48}", value)[0] for value in values]

    assert len(set(secrets)) == 10


def test_a_secret_is_strong_and_needs_no_quotes():
    """In a URL, in an env file and in a shell."""
    made = {make_secret() for _ in range(200)}

    assert len(made) == 200
    assert all(re.fullmatch(r"[A-Za-z0-9_-]{48}", secret) for secret in made)
    assert [secret for secret in made if weakness(secret)] == []


@pytest.mark.parametrize("umask", [0o000, 0o077])
def test_modes(umask):
    """The owner's alone; secrets in files are for the group of the containers."""
    old = os.umask(umask)
    try:
        init("--secrets", "files")
    finally:
        os.umask(old)

    assert mode("ops/.env") == 0o600
    assert set(written()) == SECRETS
    assert {mode(f"ops/secrets/{name}") for name in SECRETS} == {0o440}
    folders = {Path(f"ops/secrets/{name}").parent for name in SECRETS}
    assert {mode(folder) for folder in folders} == {0o750}


def test_the_group_may_be_given_by_root_alone(monkeypatch):
    """Who is not root is told what to type."""
    asked = []

    def refused(path, user, group):
        asked.append((user, group))
        raise PermissionError(1, "Operation not permitted")

    monkeypatch.setattr(os, "chown", refused)
    done = init("--secrets", "files")

    assert done.exit_code == 0
    assert set(asked) == {(-1, GROUP), (70, GROUP)}
    assert done.stdout.splitlines() == [
        "ops/.env is written",
        "next: sudo chgrp -R 10001 ops/secrets",
        "next: sudo chown -R 70 ops/secrets/postgres",
        "next: docker compose up -d",
    ]


def test_root_gives_the_group(monkeypatch):
    """Of folder and file, PostgreSQL's to its user; then nothing is left to type."""
    given, owners = {}, {}

    def take(path, user, group):
        given[path] = group
        owners[path] = user

    monkeypatch.setattr(os, "chown", take)

    done = init("--secrets", "files")

    files = {Path("ops/secrets") / name for name in SECRETS}
    assert set(given) == files | {file.parent for file in files}
    assert set(given.values()) == {10_001}
    of_postgres = {path for path, user in owners.items() if user == 70}
    folder = Path("ops/secrets/postgres")
    assert of_postgres == {folder, folder / "postgres_password"}
    assert "chgrp" not in done.output


@pytest.mark.parametrize("there", ["file", "link"])
def test_nothing_is_overwritten(there):
    """Status 2; what is there stays, also a link to nowhere."""
    env = Path("ops/.env")
    if there == "file":
        env.write_text("A=1\n")
    else:
        env.symlink_to("elsewhere")

    done = init("--secrets", "files")

    assert done.exit_code == 2
    assert done.output == (
        "sentinel: ops/.env is there already, and is not overwritten\n"
    )
    assert written() == {}
    assert not Path("ops/elsewhere").exists()
    assert there == "link" or env.read_text() == "A=1\n"


def test_a_secret_that_is_there_is_not_overwritten():
    """Nothing of this run remains beside it."""
    old = Path("ops/secrets/app/controller_hmac_secret")
    old.parent.mkdir(parents=True)
    old.write_text("of all sensors")

    done = init("--secrets", "files")

    assert done.exit_code == 2
    assert f"{old} is there already" in done.stderr
    assert written() == {"app/controller_hmac_secret": "of all sensors"}
    assert not Path("ops/.env").exists()


def test_a_full_disk_leaves_nothing(monkeypatch):
    """Status 1, and the next run begins anew."""

    def full(_handle):
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as context:
        context.setattr(os, "fsync", full)
        done = init("--secrets", "files")

    assert done.exit_code == 1
    assert done.output == "sentinel: ops/.env: No space left on device\n"
    assert written() == {}
    assert init("--secrets", "files").exit_code == 0


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        ((), "sentinel: ops is no folder: run this in the root of the project\n"),
        (("--file", "no/.env"), "sentinel: no is no folder\n"),
        (("--secrets", "vault"), "sentinel: --secrets is env or files\n"),
        (("--name", "a b"), "sentinel: --name: 'a b' is neither a host name (in "),
    ],
    ids=str,
)
def test_unusable_arguments_end_it(root, arguments, told):
    """Status 2 and a line; nothing is made."""
    (root / "ops").rmdir()

    done = init(*arguments)

    assert done.exit_code == 2
    assert done.stderr.startswith(told)
    assert list(root.iterdir()) == []


def test_names_of_the_host_are_settings():
    """The certificate of the stack is for them."""
    init("--name", "Sentinel.example,192.0.2.7", "--name", "b.example")

    text = Path("ops/.env").read_text()
    assert parsed(text)["SENTINEL_SERVER_NAMES"] == (
        "sentinel.example,192.0.2.7,b.example"
    )
    assert judged(text) == []


def test_names_that_are_none_are_refused_later_too():
    """Who edits the file is told without the value."""
    init()
    environ = parsed(Path("ops/.env").read_text())

    with pytest.raises(SettingsError) as caught:
        load(CLASSES[-1], {**environ, "SENTINEL_SERVER_NAMES": "https://a.example"})

    assert caught.value.problems == [
        "SENTINEL_SERVER_NAMES: is no list of host names and addresses"
    ]
