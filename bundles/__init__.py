"""Carry software across the gap: OCI layouts, TUF trust, release media."""
