"""Which Region a challenge's session is of, told by the session itself. No I/O.

Cognito's documents do not say that one Region takes a session of another, so an answer to a challenge goes to the
Region that posed it. The function instance that gets the answer need not be the one that relayed the challenge, and so
the session carries the Region's name: a prefix, which apps hand back as they hand back the session, "as it was passed".
Sessions of replicas are marked, those of the primary are relayed as they are. A challenge without a session (SRP's
PASSWORD_VERIFIER has none) gets the mark alone, from whichever Region: of two function instances one may still keep
away from the Region that the other one asks again.

The mark is no secret, and no proof: anybody can write one. So it is heeded only where a challenge is answered. There it
chooses among the Regions of the settings, and a session that is sent to another Region than its own is worth nothing
there. A sign-in that begins has no challenge behind it: its mark is taken out and says nothing. A caller who could
choose would pass by what the pool's replica lacks (triggers, a web ACL), and count wrong passwords in both.
https://docs.aws.amazon.com/cognito-user-identity-pools/latest/APIReference/API_RespondToAuthChallenge.html
"""

from __future__ import annotations

import json
from collections.abc import Collection

from proxy.connection import Response
from proxy.reading import Reading

_PREFIX = "cognito-proxy:"
"""With the shortest Region name, and without a session, it makes 24 characters: Cognito's sessions have at least 20,
and clients may know that."""


def marked(response: Response, region: str, *, sessions: bool = True) -> Response:
    """An answer with the mark of the Region that gave it, if it poses a challenge.

    A challenge without a session gets one that is the mark alone. `sessions`: one that has a session is marked, too.
    """
    if response.status != 200:
        return response
    try:
        document = json.loads(response.body)
    except (ValueError, RecursionError):
        return response
    if not isinstance(document, dict) or not document.get("ChallengeName"):
        return response
    session = document.get("Session") or ""
    if session and not sessions:
        return response
    document["Session"] = f"{_PREFIX}{region}:{session}"
    return response._replace(body=json.dumps(document, separators=(",", ":")).encode("ascii"))


def take_mark(reading: Reading, regions: Collection[str], *, heeded: bool, unmarked: str | None) -> str | None:
    """The Region that the call's session is of, and its mark taken out; None where no session says so.

    Args:
        reading: a call whose body is written anew; of others the session is left alone.
        regions: the Regions that a mark may name; what names another is no mark.
        heeded: whether a mark says of which Region the session is; else it is only taken out.
        unmarked: the Region of a session without a mark.
    """
    session = None if reading.slot is None else reading.slot.body.get("Session")
    if reading.slot is None or not isinstance(session, str) or not session:
        return None
    region, colon, rest = session.removeprefix(_PREFIX).partition(":")
    if not session.startswith(_PREFIX) or not colon or region not in regions:
        return unmarked
    if rest:
        reading.slot.body["Session"] = rest
    else:
        del reading.slot.body["Session"]
    return region if heeded else None
