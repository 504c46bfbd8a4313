"""Every finding is documented, and the page is the generated one."""

from tests.support.finding_docs import PAGE, codes_in_sources, entries, render_page


def test_the_page_is_the_generated_one() -> None:
    assert PAGE.read_text("utf-8") == render_page()


def test_every_code_in_the_sources_is_on_the_page() -> None:
    page = PAGE.read_text("utf-8")

    missing = [code for code in sorted(codes_in_sources()) if f"| {code} |" not in page]

    assert missing == []


def test_one_code_means_one_thing_in_all_packages() -> None:
    titles: dict[str, set[str]] = {}
    for entry in entries():
        if not entry.code.endswith("-00"):
            titles.setdefault(entry.code, set()).add(entry.title)

    assert {code: found for code, found in titles.items() if len(found) > 1} == {}
