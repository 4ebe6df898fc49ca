"""Who asks, and whether they may: the guard of every route."""

from sentinel_netlab.controller.auth.guard import guard
from sentinel_netlab.controller.auth.person import Person, person_of, still_may

__all__ = ("Person", "guard", "person_of", "still_may")
