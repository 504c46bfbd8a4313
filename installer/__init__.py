"""The operator's program: engine, preflight, viewers."""
