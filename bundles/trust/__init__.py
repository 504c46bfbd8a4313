"""Decide whom to believe: TUF metadata, the anchor, and what this host remembers."""
