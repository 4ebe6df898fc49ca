"""Notices as signed posts."""
