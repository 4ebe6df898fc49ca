"""
From the environment to an instance: all problems at once, and no value in any of them.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Annotated, Any, NoReturn, TypeVar

from pydantic import TypeAdapter, ValidationError
from pydantic.fields import FieldInfo
from pydantic_settings import EnvSettingsSource

from sentinel_netlab.settings.base import Profile, Settings, is_secret, name_of
from sentinel_netlab.settings.files import SecretFile, is_too_open, read_secret_file
from sentinel_netlab.settings.names import KNOWN, debug_names, unknown_names

EX_CONFIG = 78  # sysexits.h
_S = TypeVar("_S", bound=Settings)
ReadFile = Callable[[str], SecretFile]


class SettingsError(Exception):
    """
    The settings are unusable.

    Attributes:
        problems: one line for each, ``NAME: what is wrong``, without values.
    """

    def __init__(self, problems: list[str]) -> None:
        super().__init__("\n".join(problems))
        self.problems = problems


@dataclass(slots=True)
class Reading:
    """
    What the environment says about one class.

    Attributes:
        values: usable values by field, defaults among them.
        sources: by field, where the value came from.
        problems: why no instance can be made.
        warnings: what should be better, and does not stop anything.
    """

    values: dict[str, Any] = field(default_factory=dict, repr=False)
    sources: dict[str, str] = field(default_factory=dict)
    problems: list[str] = field(default_factory=list)
    warnings: list[str] = field(default_factory=list)


def load(
    cls: type[_S],
    environ: Mapping[str, str],
    *,
    profile: Profile = "prod",
    read_file: ReadFile = read_secret_file,
    warn: Callable[[str], None] | None = None,
) -> _S:
    """
    An instance of *cls* from *environ* alone.

    Args:
        warn: is given each warning.

    Raises:
        SettingsError: with all problems.
    """
    found = read(cls, environ, profile=profile, read_file=read_file)
    if warn is not None:
        for warning in found.warnings:
            warn(warning)
    if found.problems:
        raise SettingsError(found.problems)
    return cls.model_construct(**found.values)


def load_or_exit(
    cls: type[_S], environ: Mapping[str, str], *, profile: Profile = "prod"
) -> _S:
    """As `load`; problems and warnings go to stderr, and problems exit with 78."""
    try:
        return load(cls, environ, profile=profile, warn=_to_stderr)
    except SettingsError as error:
        _exit(error)


def read(
    cls: type[Settings],
    environ: Mapping[str, str],
    *,
    profile: Profile = "prod",
    read_file: ReadFile = read_secret_file,
) -> Reading:
    """Everything that *environ* says about *cls*, good and bad."""
    found = Reading(values={"profile": profile}, sources={"profile": "command line"})
    plain, failed = _with_files(cls, environ, found, read_file)
    given = _Environment(cls, plain)()
    own = frozenset(_names(cls))
    for name, info in cls.model_fields.items():
        alias = name_of(info)
        if alias is not None and alias not in failed:
            _judge(name, alias, info, given, found)
    for rule in cls.rules:
        if all(need in found.values for need in rule.needs):
            problem = rule.check(*(found.values[need] for need in rule.needs))
            if problem:
                found.problems.append(problem)
    found.problems += unknown_names(environ, KNOWN | own)
    if profile == "prod":
        found.problems += debug_names(environ)
    return found


def _names(cls: type[Settings]) -> list[str]:
    """The names of the environment that *cls* reads."""
    names = []
    for info in cls.model_fields.values():
        name = name_of(info)
        if name is not None:
            names += [name, f"{name}_FILE"] if is_secret(info) else [name]
    return names


def _with_files(
    cls: type[Settings],
    environ: Mapping[str, str],
    found: Reading,
    read_file: ReadFile,
) -> tuple[dict[str, str], set[str]]:
    """*environ* with the secrets of files in it, and the names that have problems."""
    plain = {name: value for name, value in environ.items() if value}
    failed = set()
    for name, info in cls.model_fields.items():
        alias = name_of(info)
        if alias is None:
            continue
        found.sources[name] = "environment" if alias in plain else "default"
        path = plain.get(f"{alias}_FILE") if is_secret(info) else None
        if path is None:
            continue
        # Not the path: somebody may have put the secret itself there.
        found.sources[name] = f"file of {alias}_FILE"
        if alias in plain:
            found.problems.append(f"{alias}: is set, and so is {alias}_FILE")
            failed.add(alias)
            continue
        try:
            text = _from_file(alias, path, found, read_file)
        except OSError as error:
            if name not in cls.files_elsewhere:
                reason = error.strerror or type(error).__name__
                found.problems.append(f"{alias}_FILE: cannot be read: {reason}")
            text = None
        if text is None:
            failed.add(alias)
        else:
            plain[alias] = text
    return plain, failed


def _from_file(
    alias: str, path: str, found: Reading, read_file: ReadFile
) -> str | None:
    """What the file says, or None with a problem; OSError if it cannot be read."""
    try:
        secret = read_file(path)
    except ValueError as error:
        found.problems.append(f"{alias}_FILE: {error}")
        return None
    if is_too_open(secret.mode):
        found.warnings.append(
            f"{alias}_FILE: the file has mode {secret.mode:04o}, wider than 0440"
        )
    if not secret.text:
        found.problems.append(f"{alias}_FILE: the file is empty")
        return None
    return secret.text


class _Environment(EnvSettingsSource):
    """pydantic-settings' reading of an environment that it is given."""

    def __init__(self, cls: type[Settings], environ: Mapping[str, str]) -> None:
        self._environ = environ
        super().__init__(cls)

    def _load_env_vars(self) -> Mapping[str, str | None]:
        return self._environ


def _judge(
    name: str, alias: str, info: FieldInfo, given: dict[str, Any], found: Reading
) -> None:
    """Put the value of one field into *found*, or what is wrong with it."""
    if alias not in given:
        if info.is_required():
            found.problems.append(f"{alias}: is missing")
        else:
            found.values[name] = info.get_default(call_default_factory=True)
        return
    if is_secret(info) and not given[alias].isprintable():
        found.problems.append(f"{alias}: contains what cannot be printed")
        return
    hint: Any = Annotated[(info.annotation, *info.metadata, None)]
    try:
        found.values[name] = TypeAdapter(hint).validate_python(given[alias])
    except ValidationError as error:
        found.problems += [f"{alias}: {text}" for text in _texts(error)]


def _texts(error: ValidationError) -> list[str]:
    """What pydantic says, in our words where it would sound odd."""
    texts = []
    for item in error.errors(include_input=False, include_url=False):
        text = item["msg"].removeprefix("Value error, ")
        texts.append(text.replace("Input should", "should"))
    return list(dict.fromkeys(texts))


def _to_stderr(warning: str) -> None:
    sys.stderr.write(f"sentinel: warning: {warning}\n")


def _exit(error: SettingsError) -> NoReturn:
    for problem in error.problems:
        sys.stderr.write(f"sentinel: {problem}\n")
    raise SystemExit(EX_CONFIG)
