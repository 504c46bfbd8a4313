"""The command `anechoic`: one file per verb, printing only here."""

from installer.cli.app import main

__all__ = ["main"]
