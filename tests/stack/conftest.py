"""
One engine for all tests of the stack, and one stack at a time.

The compose file is used as it is, in a copy of the project, by the commands that the
guide gives.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pytest
from tests.support.engine import Engine, NoEngineError, find_engine, neighbour
from tests.support.stack import Place, Stack, copy_project


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    here = Path(__file__).parent
    for item in items:
        if here in item.path.parents:
            item.add_marker(pytest.mark.stack)
            # Images are built and a stack is started first; its own mark goes first.
            item.add_marker(pytest.mark.timeout(900))


@pytest.fixture(scope="session")
def engine() -> Engine:
    """Where the containers run."""
    try:
        found = find_engine()
    except NoEngineError as error:
        pytest.fail(f"the tests of the stack need Docker: {error}")
    # Of an older state of the files: the first `up` makes a new one.
    made = found.docker("image", "ls", "-q", "localhost/sentinel-netlab").split()
    if made:
        found.docker("image", "rm", "-f", *dict.fromkeys(made))
    return found


def _copied(engine: Engine, folder: Path) -> Iterator[Stack]:
    copy_project(folder)
    one = Stack(engine, folder)
    try:
        yield one
        if "SENTINEL_SHOW_LOGS" in os.environ and one.env_file.exists():
            print(one.logs())  # noqa: T201  # asked for
    finally:
        if not one.env_file.exists():
            one.typed("cp ops/.env.prod.example ops/.env")
        one.down()
        one.place.close()


@pytest.fixture
def fresh(engine: Engine, tmp_path: Path) -> Iterator[Stack]:
    """A copy of the project; nothing was typed yet."""
    yield from _copied(engine, tmp_path / "project")


@pytest.fixture(scope="module")
def filled_in(
    engine: Engine, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Stack]:
    """The stack before the second of the guide's steps; of all tests of a module."""
    for one in _copied(engine, tmp_path_factory.mktemp("stack") / "project"):
        one.typed("cp ops/.env.prod.example ops/.env")
        one.fill_in_secrets()
        yield one


@pytest.fixture(scope="module")
def stack(filled_in: Stack) -> Stack:
    """The stack after the guide's two steps, serving; of all tests of a module."""
    filled_in.up()
    return filled_in


@pytest.fixture
def client(engine: Engine) -> Iterator[Place]:
    """Another machine (tests.support.engine.FAR); the stack is at NEAR for it."""
    with neighbour(engine) as place:
        yield place
