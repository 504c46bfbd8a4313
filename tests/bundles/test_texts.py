import inspect
from pathlib import Path

import bundles
from bundles import errors
from bundles.texts import EXPLANATIONS

DOCS = Path(bundles.__file__).parents[1] / "docs" / "media.md"


def test_no_code_says_two_things() -> None:
    codes = [explanation.code for explanation in EXPLANATIONS]

    assert sorted(codes) == sorted(set(codes))
    assert all(code.startswith("ANX-MED-") for code in codes)


def test_every_code_stands_in_the_docs_with_its_title_and_remedy() -> None:
    rows = [line for line in DOCS.read_text().splitlines() if line.startswith("| ANX-")]

    assert sorted(rows) == sorted(
        f"| {e.code} | {e.title} | {e.remedy} |" for e in EXPLANATIONS
    )


def test_every_explanation_is_whole_sentences() -> None:
    for explanation in EXPLANATIONS:
        assert explanation.meaning.endswith(".")
        assert explanation.remedy.endswith(".")
        assert not explanation.title.endswith(".")


def test_every_error_says_what_it_is_what_it_means_and_what_to_do() -> None:
    classes = [c for _, c in inspect.getmembers(errors, inspect.isclass)]
    concrete = [c for c in classes if issubclass(c, errors.BundleError) and c.__doc__]

    for class_ in concrete:
        if class_ is not errors.BundleError:
            error = class_("expected a, found b")
            assert error.explanation in EXPLANATIONS
            assert error.evidence == str(error) == "expected a, found b"
            assert all((error.code, error.title, error.meaning, error.remedy))


def test_the_public_names_of_the_errors_are_sorted_and_complete() -> None:
    defined = {
        name
        for name, class_ in inspect.getmembers(errors, inspect.isclass)
        if issubclass(class_, errors.BundleError)
    }

    assert errors.__all__ == sorted(defined)
