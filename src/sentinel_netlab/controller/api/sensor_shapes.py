"""
Sensors as the API says and hears them.
"""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any

import msgspec
from msgspec import UNSET, Meta, UnsetType

from sentinel_netlab.controller.api.changes import check_text, invalid
from sentinel_netlab.core.configuration import (
    Configuration,
    is_free_sensor_id,
    problems_of,
)
from sentinel_netlab.store.sensor_changes import DEFAULT_CODE_HOURS, MAX_CODE_HOURS
from sentinel_netlab.store.sensor_health import JUDGED
from sentinel_netlab.store.sensors import StoredSensor

MAX_NOTE = 200
Latitude = Annotated[float, Meta(ge=-90, le=90)]
Longitude = Annotated[float, Meta(ge=-180, le=180)]
Note = Annotated[str, Meta(max_length=MAX_NOTE)]
CodeHours = Annotated[float, Meta(gt=0, le=MAX_CODE_HOURS)]


class SensorOut(msgspec.Struct, frozen=True, kw_only=True):
    """
    A sensor.

    Attributes:
        status: enrolled (not heard yet), online, offline, disabled; adopted sensors
            may say others.
        key_version: the newest version of its key, 0: it has not joined.
        rotation_pending: it has not yet signed with the newest.
        join_expires_at: until when its join code can be used, null: there is none.
        configuration: what is wanted, null: its own is good; of adopted sensors
            anything.
        configuration_version: of what is wanted; reported_version: of what it works
            with; reported_problem: why it refused what is wanted.
        health: as it told last, with `at_us`, its clock.
    """

    id: str
    name: str | None
    status: str | None
    site_id: str | None
    created_at: datetime | None
    last_heartbeat: datetime | None
    key_version: int
    rotation_pending: bool
    join_expires_at: datetime | None
    latitude_deg: float | None
    longitude_deg: float | None
    position_note: str | None
    configuration: Any
    configuration_version: int
    reported_version: int | None
    reported_problem: str | None
    health: Any
    clock_offset_s: float | None
    adopted: bool


class Enrollment(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """
    A sensor that is to join.

    Attributes:
        id: 1 to 63 of `a-z`, `0-9` and `-`.
        site_id: where it will be; null: at the site `default`.
        valid_hours: how long the code can be used.
        again: also if a machine has joined as this sensor before.
    """

    id: Annotated[str, Meta(pattern="^[a-z0-9-]{1,63}$")]
    name: str | None = None
    site_id: str | None = None
    valid_hours: CodeHours = DEFAULT_CODE_HOURS
    again: bool = False

    def check(self) -> None:
        """Raise `Problem` for what types cannot say."""
        if not is_free_sensor_id(self.id):
            raise invalid("id: 1 to 63 of a-z, 0-9 and -; not a word of the API")
        if self.name is not None:
            check_text("name", self.name)
        if self.site_id is not None:
            check_text("site_id", self.site_id, 64)


class Enrolled(msgspec.Struct, frozen=True, kw_only=True):
    """
    An enrolled sensor, and the code that its machine joins with.

    Attributes:
        code: shown this once.
    """

    sensor: SensorOut
    code: str
    expires_at: datetime


class SensorChange(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """
    What is to be different; what is not said stays.

    Attributes:
        latitude_deg, longitude_deg: WGS 84; both or neither.
        configuration: null: the sensor's own is good.
    """

    name: str | UnsetType = UNSET
    site_id: str | UnsetType | None = UNSET
    latitude_deg: Latitude | UnsetType | None = UNSET
    longitude_deg: Longitude | UnsetType | None = UNSET
    position_note: Note | UnsetType | None = UNSET
    configuration: Configuration | UnsetType | None = UNSET

    def columns(self) -> dict[str, Any]:
        """
        What the table is to hold.

        Raises:
            Problem: a value does not fit.
        """
        said = {name: getattr(self, name) for name in self.__struct_fields__}
        said = {name: value for name, value in said.items() if value is not UNSET}
        for name, size in (("name", 128), ("site_id", 64), ("position_note", MAX_NOTE)):
            if said.get(name) is not None:
                check_text(name, said[name], size)
        if (said.get("latitude_deg") is None) != (said.get("longitude_deg") is None):
            raise invalid("latitude_deg and longitude_deg: both or neither")
        if "configuration" in said:
            said["config"] = _checked(said.pop("configuration"))
        return said


def _checked(configuration: Configuration | None) -> dict[str, Any] | None:
    if configuration is None:
        return None
    problems = problems_of(configuration)
    if problems:
        raise invalid("; ".join(f"configuration.{one}" for one in problems))
    plain: dict[str, Any] = msgspec.to_builtins(configuration)
    return plain


def sensor_out(sensor: StoredSensor) -> SensorOut:
    """*sensor* as the API says it."""
    same = set(SensorOut.__struct_fields__) & set(StoredSensor.__slots__) - {"health"}
    health = sensor.health
    if health is not None:
        # What the worker notes for itself is no news of the sensor.
        health = {name: value for name, value in health.items() if name != JUDGED}
    return SensorOut(
        **{name: getattr(sensor, name) for name in same},
        health=health,
        rotation_pending=sensor.oldest_key_version < sensor.key_version,
        configuration=sensor.config,
        configuration_version=sensor.config_version,
    )
