"""The address of whoever runs the command, as AWS sees it: it is not to be blocked by mistake."""

from http.client import HTTPException
from ipaddress import ip_address
from urllib.error import URLError
from urllib.request import urlopen

CHECK_URL = "https://checkip.amazonaws.com/"
_SECONDS = 5.0
_LONGEST = 64


class NotTold(Exception):
    """It could not be found out; the message says why."""


def own_address(url: str = CHECK_URL) -> str:
    """What AWS says.

    Raises:
        NotTold: it did not say.
    """
    try:
        with urlopen(url, timeout=_SECONDS) as answer:  # noqa: S310 - a constant, or a test's own server
            text = answer.read(_LONGEST).decode("ascii", "replace").strip()
        return str(ip_address(text))
    except (URLError, HTTPException, OSError):
        raise NotTold(f"{url} was not reached") from None
    except ValueError:
        raise NotTold(f"{url} does not tell this machine's address") from None
