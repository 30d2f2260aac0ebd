"""Tests of `typedws.close`: which codes and reasons may be sent."""

from enum import IntEnum, StrEnum

import pytest
from typing_extensions import override

from typedws import CloseCode, LocalProtocolError
from typedws.close import checked_close


class Farewell(IntEnum):
    """Close codes of an application."""

    SEE_YOU = 4000
    NEVER = 1005


class Reason(StrEnum):
    """Close reasons of an application."""

    DONE = "done"


class Upper(str):
    """A str that shows itself as another one."""

    __slots__ = ()

    @override
    def __str__(self) -> str:
        """Show something else."""
        return self.upper()


SENDABLE = [*range(1000, 1004), *range(1007, 1015), 3000, 3999, 4000, 4999]
NOT_SENDABLE = [-1000, -1, 0, 1, 999, 1004, 1005, 1006, 1015, 1016, 2000, 2999]
OUT_OF_RANGE = [5000, 65535, 65536, 2**64, -(2**64)]


@pytest.mark.parametrize("code", SENDABLE)
def test_codes_that_may_be_sent_are_returned(code: int) -> None:
    """They are the registered ones and those that are free for use."""
    assert (code, "") == checked_close(code, None)


@pytest.mark.parametrize("code", NOT_SENDABLE + OUT_OF_RANGE)
def test_codes_that_may_not_be_sent_are_refused(code: int) -> None:
    """The error says which codes are free for use."""
    with pytest.raises(LocalProtocolError) as caught:
        checked_close(code, None)

    assert (
        f"close code {code} may not be sent (RFC 6455, section 7.4); "
        "use 1000-1003, 1007-1014 or, for codes of your own, 4000-4999"
    ) == str(caught.value)


@pytest.mark.parametrize("code", CloseCode)
def test_every_registered_code_but_three_may_be_sent(code: CloseCode) -> None:
    """The three are what an endpoint reports, and never sends."""
    if code in {1005, 1006, 1015}:
        with pytest.raises(LocalProtocolError):
            checked_close(code, None)
    else:
        assert (code, "") == checked_close(code, None)


@pytest.mark.parametrize("code", [CloseCode.GOING_AWAY, Farewell.SEE_YOU])
def test_members_of_an_enum_become_plain_ints(code: IntEnum) -> None:
    """Servers look at the type of a code, and daphne refuses all but int."""
    checked, _ = checked_close(code, None)

    assert code == checked
    assert int is type(checked)


def test_a_member_of_an_enum_is_shown_by_its_number() -> None:
    """The name of a member means nothing to whoever reads the log."""
    with pytest.raises(LocalProtocolError, match=r"^close code 1005 may not"):
        checked_close(Farewell.NEVER, None)


@pytest.mark.parametrize(
    ("code", "kind"),
    [
        pytest.param(True, "bool", id="True"),
        pytest.param(False, "bool", id="False"),
        pytest.param(1000.0, "float", id="float"),
        pytest.param("1000", "str", id="text"),
        pytest.param(b"\x03\xe8", "bytes", id="bytes"),
        pytest.param(None, "NoneType", id="None"),
    ],
)
def test_a_code_that_is_no_int_is_a_type_error(code: object, kind: str) -> None:
    """A bool is no code either, although Python counts it as an int."""
    with pytest.raises(TypeError) as caught:
        checked_close(code, None)  # type: ignore[arg-type]  # ty: ignore[invalid-argument-type]

    assert f"a close code is an int, not {kind}" == str(caught.value)


@pytest.mark.parametrize(
    "reason",
    [
        pytest.param("", id="empty"),
        pytest.param("done", id="short"),
        pytest.param("a" * 123, id="123-bytes"),
        pytest.param("é" * 61 + "a", id="123-bytes-in-62-characters"),
        pytest.param("€" * 41, id="123-bytes-in-41-characters"),
        pytest.param("😀" * 30 + "abc", id="123-bytes-in-33-characters"),
        pytest.param("\r\n\x00", id="control-characters"),
    ],
)
def test_reasons_that_fit_are_returned(reason: str) -> None:
    """A control frame has room for 123 bytes of UTF-8."""
    assert (1000, reason) == checked_close(1000, reason)


@pytest.mark.parametrize(
    ("reason", "length"),
    [
        pytest.param("a" * 124, 124, id="124-bytes"),
        pytest.param("é" * 62, 124, id="124-bytes-in-62-characters"),
        pytest.param("€" * 41 + "a", 124, id="124-bytes-in-42-characters"),
        pytest.param("😀" * 31, 124, id="124-bytes-in-31-characters"),
        pytest.param("a" * 100_000, 100_000, id="100000-bytes"),
    ],
)
def test_reasons_that_do_not_fit_are_refused(reason: str, length: int) -> None:
    """It is bytes that count, not characters; nothing is cut off."""
    with pytest.raises(LocalProtocolError) as caught:
        checked_close(1000, reason)

    assert (
        "a close reason is at most 123 bytes of UTF-8 (RFC 6455, section 5.5), "
        f"and this one is {length}; shorten it"
    ) == str(caught.value)


@pytest.mark.parametrize(
    ("reason", "position"),
    [
        pytest.param("\ud800", 0, id="high"),
        pytest.param("ab\udfff", 2, id="low"),
        pytest.param("a" * 200 + "\ud800", 200, id="too-long-as-well"),
    ],
)
def test_a_lone_surrogate_in_a_reason_is_refused(reason: str, position: int) -> None:
    """It has no form in UTF-8, and the error says where it is."""
    with pytest.raises(LocalProtocolError) as caught:
        checked_close(1000, reason)

    assert (
        "a close reason is UTF-8 (RFC 6455, section 5.5.1), and this one has a "
        f"lone surrogate at position {position}"
    ) == str(caught.value)


@pytest.mark.parametrize(
    ("reason", "kind"),
    [
        pytest.param(b"done", "bytes", id="bytes"),
        pytest.param(0, "int", id="int"),
        pytest.param(["done"], "list", id="list"),
    ],
)
def test_a_reason_that_is_no_text_is_a_type_error(reason: object, kind: str) -> None:
    """It is not turned into text by guesswork."""
    with pytest.raises(TypeError) as caught:
        checked_close(1000, reason)  # type: ignore[arg-type]  # ty: ignore[invalid-argument-type]

    assert f"a close reason is a str, not {kind}" == str(caught.value)


@pytest.mark.parametrize("reason", [Reason.DONE, Upper("done")], ids=["enum", "other"])
def test_subclasses_of_str_become_plain_text(reason: str) -> None:
    """What is sent is what was checked, whatever the subclass shows for itself."""
    _, checked = checked_close(1000, reason)

    assert "done" == checked
    assert str is type(checked)
