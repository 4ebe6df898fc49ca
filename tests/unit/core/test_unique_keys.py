"""Objects that say a name twice."""

from __future__ import annotations

import json

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sentinel_netlab.core.unique_keys import DuplicateKeyError, check_unique_keys


def rewritten(data: bytes) -> bytes:
    return msgspec.json.encode(msgspec.json.decode(data))


def is_refused(data: bytes) -> bool:
    try:
        check_unique_keys(data, rewritten(data))
    except DuplicateKeyError:
        return True
    return False


@pytest.mark.parametrize(
    "data",
    [
        b'{"a":1,"a":1}',
        b'{"a" :1,"a":2}',
        b'{"a":1,"\\u0061":2}',
        b'{"a":1,"b":"\\u003a","a":2}',
        b'[{"b":{"a":":","a":"x"}}]',
        b'{"a":":::","a":"x"}',
        b'{"a":"x","a":":::"}',
        b'{"":1,"":2}',
    ],
)
def test_twice_is_refused(data):
    """However it is spelled and wherever colons hide."""
    assert is_refused(data)


@pytest.mark.parametrize("data", [b'{"a":{"a":1}}', b'[{"a":1},{"a":2}]', b"[]"])
def test_same_name_in_different_objects_is_fine(data):
    """Names are unique within their object."""
    assert not is_refused(data)


def test_names_that_reading_drops_may_be_there_once():
    """Unknown names are not twice."""
    check_unique_keys(b'{"a":1,"new":{"x":1}}', b'{"a":1}')


@pytest.mark.parametrize("data", [b"[" * 100_000, b'{"a":NaN}', b"9" * 5000, b"\xff"])
def test_what_is_no_json_is_refused(data):
    """The slow way meets hostile text too."""
    with pytest.raises(DuplicateKeyError):
        check_unique_keys(data, b":::")


names = st.text('ab:\\"é ', max_size=3)
values = st.recursive(
    st.one_of(st.integers(0, 9), st.text(':"\\a', max_size=3)),
    lambda inner: st.one_of(
        st.lists(inner, max_size=3),
        st.lists(st.tuples(names, inner), max_size=3).map(lambda x: ("object", x)),
    ),
    max_leaves=12,
)


def written(value, ascii_only: bool) -> tuple[str, bool]:
    """JSON of *value*, and whether a name is twice in it."""
    if isinstance(value, tuple):
        parts = [(name, written(one, ascii_only)) for name, one in value[1]]
        twice = len({name for name, _ in parts}) < len(parts)
        text = ",".join(
            f"{json.dumps(name, ensure_ascii=ascii_only)}:{one}"
            for name, (one, _) in parts
        )
        return "{" + text + "}", twice or any(bad for _, (_, bad) in parts)
    if isinstance(value, list):
        parts = [written(one, ascii_only) for one in value]
        text = ",".join(one for one, _ in parts)
        return f"[{text}]", any(bad for _, bad in parts)
    return json.dumps(value, ensure_ascii=ascii_only), False


@given(values, st.booleans())
def test_twice_is_found_exactly(value, ascii_only):
    """The quick way and the slow way agree with the text's construction."""
    text, twice = written(value, ascii_only)

    assert is_refused(text.encode()) == twice
