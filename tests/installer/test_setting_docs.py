"""Every setting is documented, and the published schema is the model's."""

from installer.settings import settings_schema
from tests.support.setting_docs import PAGE, render_page


def test_the_page_of_settings_is_the_generated_one() -> None:
    assert PAGE.read_text("utf-8") == render_page()


def test_the_published_schema_is_the_generated_one() -> None:
    path = PAGE.with_name("answers.schema.json")

    assert path.read_text("utf-8") == settings_schema()
