from dataclasses import fields

from installer.tui.glyphs import ASCII, RICH, Glyphs, glyphs_for

MARKS = ("done", "running", "pending", "failed", "skipped", "warning", "info")


def _texts(glyphs: Glyphs) -> list[str]:
    values = [getattr(glyphs, one.name) for one in fields(glyphs)]
    return [
        text
        for value in values
        for text in ([value] if isinstance(value, str) else value)
    ]


def test_the_basic_column_is_ascii_only() -> None:
    assert all(text.isascii() for text in _texts(ASCII))


def test_marks_are_as_wide_in_both_columns() -> None:
    for name in MARKS:
        assert len(getattr(RICH, name)) == len(getattr(ASCII, name)) == 3


def test_the_column_follows_the_mode() -> None:
    assert glyphs_for(basic=True) is ASCII
    assert glyphs_for(basic=False) is RICH
