"""The history of the schema; only what is below here changes one."""
