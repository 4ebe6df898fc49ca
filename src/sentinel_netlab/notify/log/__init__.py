"""Notices as lines of the worker's own log."""
