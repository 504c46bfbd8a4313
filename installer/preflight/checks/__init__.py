"""The checks, one module a topic; each offers `CHECKS`."""
