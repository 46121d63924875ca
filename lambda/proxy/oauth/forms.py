"""Forms and queries, read in one way or not at all.

What goes on is written anew from what was read, so no other reader on the way can find something else in it.

`application/x-www-form-urlencoded`: https://url.spec.whatwg.org/#application/x-www-form-urlencoded, RFC 6749 appendix B
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from urllib.parse import quote, unquote_to_bytes, urlencode

from proxy.messages import Request
from proxy.oauth.errors import BadForm, BadParameter, FormTooLarge

MAX_FORM_BYTES = 16_384
"""Of a body or a query. The largest thing in one is a refresh token, of some 2 KB; the firewall's bound is the same."""

_MAX_FIELDS = 40
_FORM = re.compile(r"""application/x-www-form-urlencoded(?:[ \t]*;[ \t]*charset=(?:utf-8|"utf-8"))?""", re.ASCII | re.I)
_ENCODED = re.compile(r"(?:[A-Za-z0-9*._~!$'()@,:;/?+\[\]|^-]|%[0-9A-Fa-f]{2})*", re.ASCII)
_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f]")


def read_body(request: Request) -> dict[str, str]:
    """The fields of a form. One without a value counts as left out (RFC 6749, section 3.2).

    Raises:
        BadForm: another content type, or a text that is no form.
        BadParameter: a field is there twice.
        FormTooLarge: it is.
    """
    types = request.headers.get("content-type", ())
    if len(types) != 1 or _FORM.fullmatch(types[0]) is None:
        raise BadForm("The content type is not application/x-www-form-urlencoded in UTF-8.")
    if any(encoding.lower() not in ("", "identity") for encoding in request.headers.get("content-encoding", ())):
        raise BadForm("The body is compressed.")
    if request.truncated:
        raise FormTooLarge("The body is too large.")
    if request.body is None:
        raise BadForm("The body cannot be read.")
    try:
        return read_fields(request.body.decode("ascii"))
    except UnicodeDecodeError:
        raise BadForm("The body has characters that are not encoded.") from None


def read_fields(text: str) -> dict[str, str]:
    """The fields of a form's text, or of a query.

    Raises:
        BadForm, BadParameter, FormTooLarge: see `read_body`.
    """
    if len(text) > MAX_FORM_BYTES:
        raise FormTooLarge("There is too much of it.")
    pairs = [pair for pair in text.split("&") if pair]
    if len(pairs) > _MAX_FIELDS:
        raise FormTooLarge("There are too many parameters.")
    fields: dict[str, str] = {}
    for pair in pairs:
        name, _, value = pair.partition("=")
        name, value = _decoded(name), _decoded(value)
        if name in fields:
            raise BadParameter("A parameter is there more than once.")
        fields[name] = value
    return {name: value for name, value in fields.items() if value}


def _decoded(text: str) -> str:
    if _ENCODED.fullmatch(text) is None:
        raise BadForm("A character is not encoded as it must be.")
    try:
        decoded = unquote_to_bytes(text.replace("+", " ")).decode("utf-8")
    except UnicodeDecodeError:
        raise BadForm("A value is not UTF-8.") from None
    if _CONTROL.search(decoded):
        raise BadForm("A value has a control character.")
    return decoded


def write_fields(fields: Mapping[str, str]) -> str:
    """The text of a form, or a query: in ASCII, a space as `%20`."""
    return urlencode(fields, quote_via=quote, safe="")


def write_pairs(parameters: Mapping[str, Sequence[str]] | None) -> str:
    """A query from parameters that were decoded on the way here, repeated ones repeated.

    Whether API Gateway takes `+` for a space is not documented. The one value that has spaces, `scope`, has no `+`.
    """
    pairs = [
        (name, value.replace("+", " ") if name == "scope" else value)
        for name, values in (parameters or {}).items()
        for value in values
    ]
    return urlencode(pairs, quote_via=quote, safe="")
