"""Cognito's words for a missing and a wrong proof: rotation and refetch wait for exactly these."""

from base64 import b64encode
from secrets import token_bytes, token_hex

from cognito_proxy.smoke.check import Check
from cognito_proxy.smoke.checks.refusals import confirmation
from cognito_proxy.smoke.cognito_texts import (
    IS_NO_HASH,
    tells_of_right_hash,
    tells_of_wrong_hash,
    tells_of_wrong_secret,
)
from cognito_proxy.smoke.http import Answer
from cognito_proxy.smoke.verdicts import Failed, NotCheckable
from cognito_proxy.smoke.world import World


def seen_texts(world: World) -> dict[str, Answer]:
    """What Cognito says past the proxy to no hash, to a wrong one, and to a wrong secret; for the first app client."""
    client_id = world.target.app_clients[0].client_id
    wrong_hash, wrong_secret = b64encode(token_bytes(32)).decode(), token_hex(25)
    answers = {
        "no hash": world.call_cognito("ConfirmSignUp", confirmation(world, client_id)),
        "wrong hash": world.call_cognito("ConfirmSignUp", confirmation(world, client_id) | {"SecretHash": wrong_hash}),
    }
    secret = {"ClientId": client_id, "ClientSecret": wrong_secret}
    for operation, token in (("GetTokensFromRefreshToken", "RefreshToken"), ("RevokeToken", "Token")):
        answers[f"wrong secret, {operation}"] = world.call_cognito(operation, secret | {token: "cognito-proxy-smoke"})
    if any((answer.status, answer.error) == (403, "ForbiddenException") for answer in answers.values()):
        raise NotCheckable("the pool's web ACL blocks calls past the proxy, so Cognito's words are not seen")
    return answers


def _texts(world: World) -> str:
    answers = seen_texts(world)
    strange = [what for what, answer in answers.items() if not understood(what, answer)]
    if strange:
        raise Failed("; ".join(f"{what}: {answers[what].told}" for what in strange))
    return "; ".join(f"{what}: {answer.error}" for what, answer in answers.items())


def understood(what: str, answer: Answer) -> bool:
    """Whether the code that waits for this answer takes it for what it is."""
    if what == "no hash":
        return IS_NO_HASH in answer.message
    if what == "wrong hash":
        return tells_of_wrong_hash(answer)
    if what == "right hash":
        return tells_of_right_hash(answer)
    return tells_of_wrong_secret(answer)


CHECKS = (
    Check(
        name="cognito-texts",
        promise="Cognito refuses a wrong proof in the words that rotation and the refetch of a secret wait for.",
        run=_texts,
        is_of_aws=True,
        after=("direct-call-refused",),
        advice="Open an issue with this line: until then a new secret is noticed after secret_ttl, not at once.",
        proves=("refused-proof-fetched-anew",),
    ),
)
