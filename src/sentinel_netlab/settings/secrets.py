"""
Which secrets are too weak to start with.
"""

from __future__ import annotations

import re
from typing import Annotated

from pydantic import AfterValidator, SecretStr

MIN_CHARS = 32
MIN_DISTINCT = 10

# Words that people and example files write where a secret belongs.  None is shorter
# than six letters: a random secret contains one about never.
_PLACEHOLDER = re.compile(
    r"change[-_. ]?(?:me|this|it)|replace|example|placeholder|insecure|default"
    r"|your[-_. ]|my[-_. ]?secret|password|passphrase|supersecret|top[-_. ]?secret"
    r"|dummy[-_. ]|sample[-_. ]|fill[-_. ]?(?:me|in|this)|generate|not[-_. ]?set",
    re.IGNORECASE,
)
_BRACKETED = re.compile(r"<.*>|\{\{.*\}\}|\$\{.*\}|\$[A-Z_][A-Z0-9_]*", re.DOTALL)


def is_placeholder(text: str) -> bool:
    """Whether *text* was written to be replaced: change-me, <secret>, ${SECRET} …"""
    stripped = text.strip()
    return bool(_PLACEHOLDER.search(stripped) or _BRACKETED.fullmatch(stripped))


def weakness(text: str) -> str | None:
    """
    Why *text* is no secret, or None; never with the text in it.
    """
    if is_placeholder(text):
        return "is a placeholder: generate a random value"
    if len(text) < MIN_CHARS:
        return f"has {len(text)} characters, and needs {MIN_CHARS}"
    distinct = len(set(text))
    if distinct < MIN_DISTINCT:
        return f"has {distinct} different characters, and needs {MIN_DISTINCT}"
    return None


def _strong(secret: SecretStr) -> SecretStr:
    problem = weakness(secret.get_secret_value())
    if problem:
        raise ValueError(problem)
    return secret


Secret = Annotated[SecretStr, AfterValidator(_strong)]
"""At least 32 characters, 10 of them different, and no placeholder."""
