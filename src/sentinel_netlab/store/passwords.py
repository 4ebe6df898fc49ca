"""
Passwords: argon2id, with the parameters of RFC 9106 for little memory.

A password that we make is shown once and has to be changed at the first sign-in.
"""

from __future__ import annotations

import secrets
from collections.abc import Callable, Sequence

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError, VerifyMismatchError
from argon2.profiles import RFC_9106_LOW_MEMORY

MIN_CHARS = 12
MAX_CHARS = 256
"""More is nobody's password, and costs time to hash."""
_LETTERS = "abcdefghjkmnpqrstuvwxyz23456789"  # none that look alike
_GROUPS, _GROUP_CHARS = 5, 5  # 31 ** 25: 123 bits
_hasher = PasswordHasher.from_parameters(RFC_9106_LOW_MEMORY)


def make_password(choose: Callable[[Sequence[str]], str] = secrets.choice) -> str:
    """
    A new password of 123 random bits, in groups to be read aloud.

    Args:
        choose: one of a sequence, at random.
    """
    groups = [
        "".join(choose(_LETTERS) for _ in range(_GROUP_CHARS)) for _ in range(_GROUPS)
    ]
    return "-".join(groups)


def password_problem(password: str) -> str | None:
    """Why *password* is not taken; None: it is."""
    if not MIN_CHARS <= len(password) <= MAX_CHARS:
        return f"a password has {MIN_CHARS} to {MAX_CHARS} characters"
    return None


def hash_password(password: str) -> str:
    """
    What is kept of *password*: 64 MiB and some 50 ms of work.

    Raises:
        ValueError: it is not taken.
    """
    problem = password_problem(password)
    if problem:
        raise ValueError(problem)
    return _hasher.hash(password)


def is_password(password: str, kept: str) -> bool:
    """Whether *kept* was made of *password*; a hash of another kind fits none."""
    if len(password) > MAX_CHARS:
        return False
    try:
        return _hasher.verify(kept, password)
    except (VerifyMismatchError, VerificationError, InvalidHashError):
        return False
