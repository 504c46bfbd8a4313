"""Forms of a license for people and other ways in: lines, paper, QR codes."""

from pathlib import Path

import typer

from appliance.vendor.cli.common import write_output
from appliance.vendor.page import license_page, qr_png, qr_texts
from offline_license.dates import iso, valid_through
from offline_license.model import License

__all__ = ["say_all", "show_license", "write_forms"]


def show_license(license_: License, output: Path) -> None:
    """Show where a license is and until when it holds."""
    through = valid_through(license_.exp)
    typer.echo(f"license        {output}")
    typer.echo(f"serial         {license_.serial}")
    typer.echo(f"valid through  {through} (grace starts {iso(license_.exp)})")
    typer.echo(f"restricted     from {iso(license_.term)}")


def say_all(name: str, lines: tuple[str, ...]) -> None:
    """Show some lines under one name."""
    for line in lines:
        typer.echo(f"{name:<14} {line}")


def write_forms(
    license_: License,
    data: bytes,
    text: str,
    page: Path | None,
    qr_text: Path | None,
    png: Path | None,
) -> None:
    """Write the forms for paper and screens that were asked for."""
    if page is not None:
        write_output(page, license_page(license_, data, text).encode())
    if qr_text is not None:
        write_output(qr_text, "".join(f"{one}\n" for one in qr_texts(data)).encode())
    if png is not None:
        for number, one in enumerate(qr_texts(data), start=1):
            stem = png.stem if number == 1 else f"{png.stem}-{number}"
            write_output(png.with_name(f"{stem}{png.suffix}"), qr_png(one))
