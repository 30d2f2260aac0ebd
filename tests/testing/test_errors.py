"""Tests of the sentences of errors that no test beside this one reads whole."""

import pytest

from typedws.testing import AppCancelled, LifespanFailed, ServerEnded, WaitTimeout

SENTENCES = {
    "granian would end here, and drop all its connections: a header came twice": (
        ServerEnded("granian", "a header came twice")
    ),
    "the application ended with a cancellation that nobody asked for; it awaited a "
    "task or a future that was cancelled, or raised it itself": AppCancelled(),
    "the application's shutdown failed: too late": LifespanFailed(
        "shutdown", "too late"
    ),
    "nothing came within 0.5 s. It is asleep.": WaitTimeout(
        "nothing came", 0.5, "It is asleep."
    ),
    "nothing will come. It is over.": WaitTimeout(
        "nothing will come", None, "It is over."
    ),
}


@pytest.mark.parametrize("sentence", SENTENCES)
def test_an_error_has_its_sentence(sentence: str) -> None:
    """It says what happened, and what to do."""
    assert sentence == str(SENTENCES[sentence])
