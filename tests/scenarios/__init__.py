"""Captures with what must come of them, and what makes them."""
