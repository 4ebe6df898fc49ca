"""Measurements against named peers, in one run."""
