"""The API for people and their programs: one file per resource."""
