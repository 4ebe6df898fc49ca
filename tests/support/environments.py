"""
Environments that the processes start with.
"""

from __future__ import annotations

SECRET_KEY = "b1Yx7Qp0Zr4Tn8Lw2Vk6Hd9Sf3Jm5Gc1AaEe"  # noqa: S105  # of nobody
HMAC_SECRET = "Rk3Wd8Zp1Nq6Xt0Bv5Mh9Cj2Lg7Sf4YyUuIi"  # noqa: S105  # of nobody
DATABASE_PASSWORD = "Tz5Kq9Wn2Xb7Lr4M"  # noqa: S105  # of nobody

COMPLETE = {
    "DATABASE_URL": f"postgresql://sentinel_app:{DATABASE_PASSWORD}@db/sentinel",
    "CONTROLLER_SECRET_KEY": SECRET_KEY,
    "CONTROLLER_HMAC_SECRET": HMAC_SECRET,
    "TRUSTED_PROXY_CIDRS": "192.0.2.2",
}
"""The least that controller and worker need in production."""


def environment(**changed: str | None) -> dict[str, str]:
    """`COMPLETE` with *changed* in it; None takes a name out."""
    made = {**COMPLETE, **{k: v for k, v in changed.items() if v is not None}}
    return {name: value for name, value in made.items() if changed.get(name, value)}
