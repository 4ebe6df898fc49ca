"""
What every class of settings is made of.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Annotated, Any, ClassVar, Literal

from pydantic import Field, SecretStr
from pydantic.fields import FieldInfo
from pydantic_settings import (
    BaseSettings,
    PydanticBaseSettingsSource,
    SettingsConfigDict,
)

Profile = Literal["prod", "lab"]
LogLevel = Literal["debug", "info", "warning", "error", "critical"]
Port = Annotated[int, Field(ge=1, le=65_535)]
Days = Annotated[int, Field(ge=1, le=36_500)]
PositiveInt = Annotated[int, Field(ge=1)]


@dataclass(frozen=True, slots=True)
class Rule:
    """
    What must hold between settings.

    Attributes:
        needs: fields whose values, in this order, are the arguments; a rule is left out
            where one of them is unusable by itself.
        check: gives the problem as ``NAME: what is wrong``, or None.
    """

    needs: tuple[str, ...]
    check: Callable[..., str | None]


class Settings(BaseSettings):
    """
    The base of the classes.

    Nothing is read when one is constructed: `sentinel_netlab.settings.load` gives the
    values.  A field is set by the environment variable that its `validation_alias`
    names; a field without one is not set by the environment.
    """

    model_config = SettingsConfigDict(
        case_sensitive=True,
        extra="forbid",
        enable_decoding=False,
        env_ignore_empty=True,
        frozen=True,
        hide_input_in_errors=True,
        populate_by_name=True,
        use_attribute_docstrings=True,
        arbitrary_types_allowed=True,
    )

    rules: ClassVar[tuple[Rule, ...]] = ()
    files_elsewhere: ClassVar[frozenset[str]] = frozenset()
    """Fields of other processes: a file that only those can read is no problem."""

    profile: Profile = "prod"
    """Chosen by `--lab`, never by the environment."""

    log_level: LogLevel = Field("info", validation_alias="SENTINEL_LOG_LEVEL")
    """The least that is logged: `debug`, `info`, `warning`, `error` or `critical`."""

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],  # noqa: ARG003
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,  # noqa: ARG003
        dotenv_settings: PydanticBaseSettingsSource,  # noqa: ARG003
        file_secret_settings: PydanticBaseSettingsSource,  # noqa: ARG003
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        """Only what the caller gives: no ambient environment, no .env file."""
        return (init_settings,)


def name_of(field: FieldInfo) -> str | None:
    """The environment variable of *field*; None where there is none."""
    alias = field.validation_alias
    return alias if isinstance(alias, str) else None


def is_secret(field: FieldInfo) -> bool:
    """Whether the value of *field* is never shown, and may come from a file."""
    return _mentions_secret(field.annotation)


def _mentions_secret(annotation: Any) -> bool:
    if annotation is SecretStr:
        return True
    return any(_mentions_secret(part) for part in getattr(annotation, "__args__", ()))
