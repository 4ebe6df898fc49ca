"""Notices as lines of a file."""
