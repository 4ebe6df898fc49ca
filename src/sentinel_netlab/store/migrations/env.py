"""How Alembic reaches the database: with our lock, limits and checks."""

from __future__ import annotations

from alembic import context

from sentinel_netlab.store.upgrade import environment

environment.run(context)
