"""The printed license: terms, QR code, text and scanner lines on paper.

Where nothing electronic may be carried in, paper may. The page stands alone: one file,
no script, nothing fetched. What counts is the signed text on it; a tool that reads it
compares the readable lines with what is signed.
"""

from __future__ import annotations

import io
from html import escape
from typing import TYPE_CHECKING, Final

import segno

from offline_license.dates import iso, valid_through
from offline_license.frames import split, whole
from offline_license.model import Post
from offline_license.scanner import scanner_text

if TYPE_CHECKING:
    from collections.abc import Iterator

    from offline_license.model import License

__all__ = ["fits_codes", "license_page", "qr_png", "qr_texts"]

_PAGE_CHARS: Final = 1100
"""What one QR code on paper carries at level M and is still easy to scan."""

_AFTER: Final = {
    Post.STOP: "new work stops; reports, requests and installing a license go on",
    Post.TRICKLE: "one task at a time is served",
    Post.ADVISORY: "full service goes on; the operator is advised to renew",
}

_STYLE: Final = """
@page { size: A4; margin: 14mm }
body { font: 10.5pt/1.35 sans-serif; color: #000; background: #fff; margin: 0 }
h1 { font-size: 16pt; margin: 0 0 2mm } h2 { font-size: 11pt; margin: 5mm 0 1mm }
table { border-collapse: collapse } td { padding: .4mm 5mm .4mm 0; vertical-align: top }
pre { font: 7.6pt/1.25 monospace; margin: 0; white-space: pre-wrap }
.codes svg { width: 52mm; height: 52mm; margin: 2mm 6mm 0 0 }
"""


def qr_texts(data: bytes, *, max_chars: int = _PAGE_CHARS) -> tuple[str, ...]:
    """Return the texts of one to three QR codes for an object.

    Raises:
        ValueError: it does not fit into three.
    """
    if len(whole(data)) <= max_chars:
        return (whole(data),)
    return split(data, max_chars)


def fits_codes(data: bytes) -> bool:
    """Tell whether an object fits into three QR codes on paper."""
    try:
        qr_texts(data)
    except ValueError:
        return False
    return True


def qr_png(text: str) -> bytes:
    """Draw one QR code: black on white, a quiet zone of four modules."""
    buffer = io.BytesIO()
    segno.make_qr(text, error="m", boost_error=False).save(
        buffer, kind="png", scale=8, border=4
    )
    return buffer.getvalue()


def license_page(license_: License, data: bytes, text: str) -> str:
    """Return the page as HTML.

    Args:
        license_: the terms.
        data: what is to be installed: the license, or the response with it.
        text: the same as armored text.
    """
    rows = "".join(
        f"<tr><td>{escape(name)}</td><td>{escape(value)}</td></tr>"
        for name, value in _terms(license_)
    )
    codes = "".join(_svg(one) for one in qr_texts(data))
    return f"""<!DOCTYPE html>
<html lang="en"><head><meta charset="utf-8">
<title>License {escape(license_.serial)}</title><style>{_STYLE}</style></head><body>
<h1>Anechoic license {escape(license_.serial)}</h1>
<table>{rows}</table>
<p>A license never stops health, status, requests, installing a license, reports,
backup, uninstalling or updates of the software.</p>
<h2>Scan</h2><div class="codes">{codes}</div>
<h2>Or type, or scan to a file: from BEGIN to END</h2><pre>{escape(text)}</pre>
<h2>For a scanner that types like a keyboard: all lines</h2>
<pre>{escape(scanner_text(data))}</pre>
</body></html>
"""


def _terms(license_: License) -> Iterator[tuple[str, str]]:
    yield "Licensee", license_.name
    yield "Kind", license_.kind.name.lower().replace("_", " ")
    yield "Issued", iso(license_.iat)
    yield "Valid through", valid_through(license_.exp).isoformat()
    yield "Full service until", iso(license_.term)
    yield "Afterwards", _AFTER[license_.post]
    limits = license_.capacity
    shown = {
        "Live sessions": limits.streams,
        "GPUs": limits.gpus,
        "Hours of audio": limits.audio_hours,
        "Hosts": limits.hosts,
    }
    for name, value in shown.items():
        yield name, "no limit" if value is None else str(value)
    if license_.extension:
        days = license_.extension.days
        yield "Emergency codes", f"{license_.extension.count}, {days} days each"


def _svg(text: str) -> str:
    """Draw one QR code for paper."""
    buffer = io.BytesIO()
    segno.make_qr(text, error="m", boost_error=False).save(
        buffer, kind="svg", border=4, xmldecl=False, svgns=True, omitsize=True
    )
    return buffer.getvalue().decode()
