"""Bringing a database to our schema: one at a time, checked, or not at all."""
