"""
Making the two functions of a codec, and the errors of both.

What a form can't be, comes out here, when the codec is built, as one `TypeError`.
"""

from collections.abc import Callable
from typing import Final, Literal, TypeAlias

from typedws.codecs.building import Misfit
from typedws.codecs.checks import check_form
from typedws.codecs.codec import Payload
from typedws.codecs.forms import name_of
from typedws.codecs.places import place_of
from typedws.codecs.reading import Decoders, Decoding, decoding_of
from typedws.codecs.unions import Options, TagNames
from typedws.codecs.writing import Encode, Encoding, encoding_of
from typedws.exceptions import DecodeError, EncodeError

__all__ = [
    "UNWRITABLE",
    "UnknownFields",
    "checked_options",
    "decoding",
    "encode_errors",
    "encoding",
    "wrong_kind",
]

UnknownFields: TypeAlias = Literal["ignore", "refuse"]
"""What is done about a field of an object that its class does not have."""

UNWRITABLE: Final = (Misfit, TypeError, ValueError, OverflowError, RecursionError)
"""What is raised for a value that can't be written."""

_UNUSABLE: Final = (
    *(TypeError, ValueError, NotImplementedError, RecursionError),
    *(NameError, AttributeError, SyntaxError),
)
"""What is raised for a form; the last line is for what is in quotes in it."""

_ENDLESS: Final = (
    "it is nested too deep, or has no end; a class may have itself in it, but not each "
    "time with other arguments"
)


def checked_options(
    tag: str, tag_of: TagNames, unknown_fields: UnknownFields
) -> Options:
    """
    Look at the options that all codecs of classes have.

    Raises:
        ValueError: `unknown_fields` is none of its values.
    """
    if unknown_fields not in {"ignore", "refuse"}:
        raise ValueError(
            f"unknown_fields is 'ignore' or 'refuse', not {unknown_fields!a}"
        )
    return Options(tag, tag_of, unknown_fields == "refuse")


def decoding(
    form: object, options: Options, decoders: Decoders, codec: str
) -> Decoding:
    """
    Find out how a form is read.

    Raises:
        TypeError: The form can't be read.
    """
    try:
        check_form(form, options, has_json_only=decoders.has_json_only)
        return decoding_of(form, options, decoders)
    except _UNUSABLE as error:
        raise _refusal(form, error, codec) from None


def encoding(
    form: object, options: Options, decoders: Decoders, encode: Encode, codec: str
) -> Encoding:
    """
    Find out how a form is written.

    Raises:
        TypeError: The form can't be written so that it could be read.
    """
    try:
        check_form(form, options, has_json_only=decoders.has_json_only)
        decoding_of(form, options, decoders, builds=False)
        return encoding_of(form, options, encode)
    except _UNUSABLE as error:
        raise _refusal(form, error, codec) from None


def _refusal(form: object, error: Exception, codec: str) -> TypeError:
    reason = _ENDLESS if isinstance(error, RecursionError) else error
    return TypeError(f"{codec} can't take {name_of(form)}: {reason}")


def encode_errors(
    encode: Encode, written_as: str
) -> Callable[[Exception, object], EncodeError]:
    """Make what turns an error that was raised for a value into ours."""

    def error_of(error: Exception, value: object) -> EncodeError:
        if isinstance(error, EncodeError):
            return error
        if isinstance(error, Misfit):
            return EncodeError(error.problem, error.place, form=written_as)
        if isinstance(error, RecursionError):
            return EncodeError("nested too deep, or in a cycle", form=written_as)
        place = place_of(value, fails)
        return EncodeError(_problem(error), place, form=written_as)

    def fails(part: object) -> bool:
        try:
            encode(part)
        except UNWRITABLE:
            return True
        return False

    return error_of


def _problem(error: Exception) -> str:
    if isinstance(error, UnicodeEncodeError):
        return f"a text has a lone surrogate at position {error.start}"
    return str(error)


def wrong_kind(data: Payload, codec: str) -> DecodeError:
    """Make the error for a message of the kind that a codec does not speak."""
    spoken, came = ("binary", "text") if isinstance(data, str) else ("text", "binary")
    return DecodeError(
        f"{codec} speaks {spoken} messages here, and a {came} message came",
        data,
        expected=f"a {spoken} message",
        got=f"a {came} message",
    )
