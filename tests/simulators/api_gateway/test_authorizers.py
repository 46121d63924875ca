"""What both kinds of authorizers refuse, and what each lets pass: with keys of a pool on this machine."""

import asyncio
import base64
import json
import string
import time
from collections.abc import Callable, Collection
from dataclasses import dataclass
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric import rsa
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from local import HttpRequest
from local.ports import LOOPBACK
from local.simulators.api_gateway.jwt_authorizer import JwtAuthorizer
from local.simulators.api_gateway.pool_keys import PoolKeys
from local.simulators.api_gateway.refusals import Refusal
from local.simulators.api_gateway.user_pool_authorizer import UserPoolAuthorizer
from local.simulators.common.errors import SimulatorError
from tests.refusing import refusing_port
from tests.simulators.api_gateway.authorized_apis import SCOPE
from tests.simulators.api_gateway.conftest import ISSUER, POOL_ID, REGION, Published
from tests.simulators.api_gateway.tokens import (
    BAD,
    HOUR,
    Signer,
    as_jwk,
    assembled,
    encoded,
    private_key,
    rs256,
)

CLIENT = "4abcdefghijklmnopqrstuvwxy"
ARN = f"arn:aws:cognito-idp:{REGION}:123456789012:userpool/{POOL_ID}"
REST = {
    "id": "a1",
    "name": "pool",
    "type": "COGNITO_USER_POOLS",
    "providerARNs": [ARN],
    "identitySource": "method.request.header.Authorization",
    "identityValidationExpression": CLIENT,
}
HTTP = {
    "AuthorizerId": "a2",
    "Name": "pool",
    "AuthorizerType": "JWT",
    "IdentitySource": ["$request.header.Authorization"],
    "JwtConfiguration": {"Issuer": ISSUER, "Audience": [CLIENT]},
}
ID = Signer(
    key=private_key("pool"), kid="pool-1", issuer=ISSUER, client_id=CLIENT, use="id", extra={"given_name": "Ada"}
)
ACCESS = Signer(
    key=private_key("pool"), kid="pool-1", issuer=ISSUER, client_id=CLIENT, use="access", extra={"scope": SCOPE}
)


LOOP = asyncio.Runner()
"""One for all: a loop for each of many thousand questions takes most of the time."""


def asked(authorizer: UserPoolAuthorizer | JwtAuthorizer, value: str, scopes: Collection[str] = ()) -> Refusal | None:
    return asked_with(authorizer, (("authorization", value),) if value else (), scopes)


def asked_with(
    authorizer: UserPoolAuthorizer | JwtAuthorizer,
    headers: tuple[tuple[str, str], ...],
    scopes: Collection[str] = (),
    query: str = "",
) -> Refusal | None:
    request = HttpRequest(method="GET", path="/", query=query, headers=headers, body=b"", client_ip=LOOPBACK)
    return LOOP.run(authorizer.refusal(request, scopes))


def status(refusal: Refusal | None) -> int:
    return refusal.status if refusal else 200


@dataclass(frozen=True, kw_only=True)
class Kind:
    """A kind of authorizer, with a pool whose tokens it takes."""

    authorizer: UserPoolAuthorizer | JwtAuthorizer
    pool: Signer
    scopes: tuple[str, ...] = ()

    def status(self, value: str) -> int:
        return status(asked(self.authorizer, value, self.scopes))


KINDS = {
    "rest": lambda keys: Kind(authorizer=UserPoolAuthorizer.read(REST, keys), pool=ID),
    "rest, scoped": lambda keys: Kind(
        authorizer=UserPoolAuthorizer.read(REST | {"identityValidationExpression": ""}, keys),
        pool=ACCESS,
        scopes=("other/scope", SCOPE),
    ),
    "http": lambda keys: Kind(authorizer=JwtAuthorizer.read(HTTP, keys), pool=ACCESS),
    "http, with an ID token": lambda keys: Kind(authorizer=JwtAuthorizer.read(HTTP, keys), pool=ID),
    "http, scoped": lambda keys: Kind(
        authorizer=JwtAuthorizer.read(HTTP, keys), pool=ACCESS, scopes=("other/scope", SCOPE)
    ),
}


@pytest.fixture
def keys(published: Published) -> PoolKeys:
    return PoolKeys(published.url)


@pytest.fixture(params=KINDS)
def kind(request: pytest.FixtureRequest, keys: PoolKeys) -> Kind:
    made: Callable[[PoolKeys], Kind] = KINDS[request.param]
    return made(keys)


@pytest.fixture
def rest(keys: PoolKeys) -> UserPoolAuthorizer:
    return UserPoolAuthorizer.read(REST, keys)


@pytest.fixture
def http(keys: PoolKeys) -> JwtAuthorizer:
    return JwtAuthorizer.read(HTTP, keys)


OF_ANY_CLIENT = {case for case in BAD if case.startswith("audience ") or " aud " in case}
"""What a method with scopes takes: there it wants an access token, which names no audience (Cognito Developer Guide,
"Understanding the access token"), and a REST API's authorizer looks at no claim but `aud`."""


@pytest.mark.parametrize("case", BAD)
def test_refuses(kind: Kind, case: str) -> None:
    takes = isinstance(kind.authorizer, UserPoolAuthorizer) and kind.scopes and case in OF_ANY_CLIENT
    assert kind.status(BAD[case](kind.pool)) == (200 if takes else 401)


@pytest.mark.parametrize("prefix", ["", "Bearer "])
def test_takes_a_good_token_with_and_without_the_prefix(kind: Kind, prefix: str) -> None:
    assert kind.status(f"{prefix}{kind.pool.token()}") == 200


@pytest.mark.parametrize("prefix", ["bearer ", "BEARER ", "Bearer  ", "Bearer\t", "Bearer: ", "Bearer", " "])
def test_takes_no_prefix_but_the_documented_one(kind: Kind, prefix: str) -> None:
    assert kind.status(f"{prefix}{kind.pool.token()}") == 401


def test_takes_a_token_until_it_expires(kind: Kind) -> None:
    token = kind.pool.token(exp=int(time.time()) + 2)
    assert kind.status(token) == 200
    time.sleep(2.1)
    assert kind.status(token) == 401


def test_takes_tokens_of_either_key_while_keys_are_exchanged(kind: Kind, published: Published) -> None:
    published.keys.append(as_jwk(private_key("next"), "pool-2"))
    following = Signer(**{**vars(kind.pool), "key": private_key("next"), "kid": "pool-2"})
    assert (kind.status(kind.pool.token()), kind.status(following.token())) == (200, 200)
    crossed = Signer(**{**vars(following), "kid": "pool-1"})
    assert kind.status(crossed.token()) == 401


def test_no_key_of_another_pool_counts(kind: Kind, published: Published) -> None:
    """The issuer's keys are looked at, and no other's, though one server publishes both."""
    other = Signer(**{**vars(kind.pool), "issuer": ISSUER.replace(POOL_ID, f"{REGION}_Other")})
    assert kind.status(other.token()) == 401
    assert published.asked == []


def test_a_second_line_of_the_header_does_not_count(kind: Kind) -> None:
    good, bad = kind.pool.token(), kind.pool.token(exp=1)
    for values in ((good, bad), (bad, good), (good, good)):
        headers = tuple(("Authorization", value) for value in values)
        assert status(asked_with(kind.authorizer, headers, kind.scopes)) == 401


def test_takes_a_token_from_nowhere_but_its_header(kind: Kind) -> None:
    token = kind.pool.token()
    headers = tuple((name, token) for name in ("Cookie", "X-Authorization", "X-Amz-Security-Token", "Token"))
    query = f"Authorization={token}&access_token={token}"
    assert status(asked_with(kind.authorizer, headers, kind.scopes, query)) == 401


def test_refuses_everybody_while_there_are_no_keys(kind: Kind, published: Published) -> None:
    published.status = 500
    assert kind.status(kind.pool.token()) == 500


def test_a_weak_key_is_no_key(kind: Kind, published: Published) -> None:
    """RFC 7518, section 3.3: "A key of size 2048 bits or larger MUST be used"."""
    weak = rsa.generate_private_key(public_exponent=65537, key_size=1024)  # noqa: S505 - that is the point
    published.keys[:] = [as_jwk(weak, "pool-1")]
    assert kind.status(Signer(**{**vars(kind.pool), "key": weak}).token()) == 401


QUIET = settings(max_examples=50, suppress_health_check=[HealthCheck.function_scoped_fixture])


@QUIET
@given(part=st.integers(0, 2), bit=st.integers(0, 10_000))
def test_no_bit_of_a_token_can_be_flipped(kind: Kind, part: int, bit: int) -> None:
    parts = [bytearray(_decoded(text)) for text in kind.pool.token().split(".")]
    bit %= len(parts[part]) * 8
    parts[part][bit // 8] ^= 1 << bit % 8
    assert kind.status(".".join(encoded(bytes(each)) for each in parts)) == 401


@QUIET
@given(position=st.integers(0, 2_000), character=st.sampled_from(f"{string.printable}\x00é\u2028"))
def test_no_character_of_a_token_can_be_another(kind: Kind, position: int, character: str) -> None:
    token = kind.pool.token()
    position %= len(token)
    changed = f"{token[:position]}{character}{token[position + 1 :]}"
    assert kind.status(changed) == (200 if changed == token else 401)


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=6,
)
HEADERS = st.fixed_dictionaries(
    {}, optional=dict.fromkeys(("alg", "kid", "typ", "crit", "b64", "jwk", "jku", "x5c", "zip", "cty", "enc"), JSON)
)
CLAIMS = st.fixed_dictionaries(
    {},
    optional=dict.fromkeys(("iss", "aud", "exp", "nbf", "iat", "client_id", "token_use", "scope", "sub", "jti"), JSON),
)


@QUIET
@given(header=HEADERS, claims=CLAIMS)
@example(header={"b64": False, "crit": ["b64"]}, claims={})
@example(header={"alg": "RS256", "crit": []}, claims={})
@example(header={"kid": "../pool-1"}, claims={})
def test_whatever_somebody_else_signs_is_refused(kind: Kind, header: dict[str, Any], claims: dict[str, Any]) -> None:
    forged = assembled(kind.pool.header() | header, kind.pool.claims() | claims, rs256(private_key("attacker")))
    assert kind.status(forged) == 401


@QUIET
@given(claims=CLAIMS)
@example(claims={"exp": float("inf")})
@example(claims={"exp": 1e400, "iat": -1e400})
@example(claims={"exp": float("nan")})
@example(claims={"exp": True})
def test_claims_of_odd_types_never_end_in_an_exception(kind: Kind, claims: dict[str, Any]) -> None:
    token = assembled(kind.pool.header(), kind.pool.claims() | claims, rs256(kind.pool.key))
    assert kind.status(token) in (200, 401, 403)


@QUIET
@given(value=st.text(max_size=60))
def test_no_text_is_a_token(kind: Kind, value: str) -> None:
    assert kind.status(value) == 401


# REST APIs


def test_rest_answers_as_api_gateway_does(rest: UserPoolAuthorizer) -> None:
    refusal = asked(rest, "")
    assert refusal == Refusal(status=401, message="Unauthorized", why="there is no token", response_type="UNAUTHORIZED")


def test_rest_says_that_a_token_has_expired(rest: UserPoolAuthorizer) -> None:
    refusal = asked(rest, ID.token(exp=int(time.time()) - HOUR))
    assert refusal is not None
    assert (refusal.status, refusal.message) == (401, "The incoming token has expired")


def test_rest_takes_id_tokens_without_scopes_and_access_tokens_with_them(keys: PoolKeys) -> None:
    authorizer = UserPoolAuthorizer.read(REST | {"identityValidationExpression": None}, keys)
    assert status(asked(authorizer, ID.token())) == 200
    assert status(asked(authorizer, ACCESS.token())) == 401
    assert status(asked(authorizer, ACCESS.token(), [SCOPE])) == 200
    assert status(asked(authorizer, ID.token(), [SCOPE])) == 401
    assert status(asked(authorizer, ID.token(scope=SCOPE), [SCOPE])) == 401


def test_rest_refuses_a_token_without_the_scope(keys: PoolKeys) -> None:
    authorizer = UserPoolAuthorizer.read(REST | {"identityValidationExpression": None}, keys)
    for scope in ("", "other/scope", f"{SCOPE}2", SCOPE.upper(), [SCOPE, 7], None):
        expected = 200 if scope == [SCOPE, 7] else 401
        assert status(asked(authorizer, ACCESS.token(scope=scope), [SCOPE])) == expected


def test_rest_matches_the_audience_as_a_whole(keys: PoolKeys) -> None:
    authorizer = UserPoolAuthorizer.read(REST | {"identityValidationExpression": f"{CLIENT}|second"}, keys)
    tried = {aud: status(asked(authorizer, ID.token(aud=aud))) for aud in (CLIENT, "second", "secondary", "a second")}
    assert tried == {CLIENT: 200, "second": 200, "secondary": 401, "a second": 401}
    assert status(asked(authorizer, ID.token(aud=[CLIENT]))) == 401


def test_rest_takes_any_app_client_without_an_expression(keys: PoolKeys) -> None:
    authorizer = UserPoolAuthorizer.read(REST | {"identityValidationExpression": ""}, keys)
    assert status(asked(authorizer, ID.token(aud="another-client"))) == 200


def test_rest_takes_no_access_token_where_there_is_an_expression(rest: UserPoolAuthorizer) -> None:
    assert status(asked(rest, ACCESS.token(), [SCOPE])) == 401


def test_rest_takes_tokens_of_each_of_its_pools_and_of_no_other(published: Published) -> None:
    second = f"{REGION}_Second"
    arns = [ARN, ARN.replace(POOL_ID, second)]
    authorizer = UserPoolAuthorizer.read(REST | {"providerARNs": arns}, PoolKeys(published.url))
    issued = {pool: ID.token(iss=ISSUER.replace(POOL_ID, pool)) for pool in (POOL_ID, second, f"{REGION}_Third")}
    assert [status(asked(authorizer, token)) for token in issued.values()] == [200, 200, 401]
    assert [path.split("/")[1] for path in published.asked] == [POOL_ID, second]


def test_rest_reads_the_header_that_it_is_configured_with(keys: PoolKeys) -> None:
    authorizer = UserPoolAuthorizer.read(REST | {"identitySource": "method.request.header.X-Token"}, keys)
    assert status(asked_with(authorizer, (("x-token", ID.token()),))) == 200
    assert status(asked(authorizer, ID.token())) == 401


def test_rest_without_keys_is_an_error_of_the_configuration() -> None:
    with refusing_port() as port:
        authorizer = UserPoolAuthorizer.read(REST, PoolKeys(f"http://{LOOPBACK}:{port}"))
        refusal = asked(authorizer, ID.token())
    assert refusal is not None
    assert (refusal.status, refusal.response_type) == (500, "AUTHORIZER_CONFIGURATION_ERROR")


@pytest.mark.parametrize(
    "other",
    [
        {"type": "TOKEN"},
        {"identitySource": "method.request.querystring.token"},
        {"identitySource": "method.request.header.A, method.request.header.B"},
        {"identitySource": None},
        {"providerARNs": []},
        {"providerARNs": [ARN, "arn:aws:cognito-idp:eu-west-1:123456789012:userpool/${stageVariables.Pool}"]},
    ],
)
def test_rest_does_not_pretend_to_know_other_authorizers(keys: PoolKeys, other: dict[str, Any]) -> None:
    with pytest.raises(SimulatorError, match="authorizer pool"):
        UserPoolAuthorizer.read(REST | other, keys)


# HTTP APIs


def _challenge(refusal: Refusal | None) -> tuple[int, str, str]:
    assert refusal is not None
    return refusal.status, refusal.message, refusal.challenge


def test_http_says_which_audience_is_wrong_in_the_documented_words(http: JwtAuthorizer) -> None:
    assert _challenge(asked(http, ACCESS.token(client_id="another-client"))) == (
        401,
        "Unauthorized",
        'Bearer scope="" error="invalid_token" error_description="the token does not have a valid audience"',
    )


def test_http_names_no_error_where_there_is_no_token(http: JwtAuthorizer) -> None:
    assert _challenge(asked(http, "")) == (401, "Unauthorized", "Bearer")


def test_http_forbids_what_lacks_the_scope(http: JwtAuthorizer) -> None:
    for token in (ID.token(), ACCESS.token(scope="other/scope"), ACCESS.token(scope=None)):
        code, message, challenge = _challenge(asked(http, token, [SCOPE]))
        assert (code, message) == (403, "Forbidden")
        assert challenge.startswith(f'Bearer scope="{SCOPE}" error="insufficient_scope" ')


def test_http_says_nothing_of_scopes_to_who_has_no_good_token(http: JwtAuthorizer) -> None:
    code, _, challenge = _challenge(asked(http, ID.token(exp=1), [SCOPE]))
    assert (code, SCOPE in challenge) == (401, False)


@pytest.mark.parametrize("claims", [{"scope": f"a {SCOPE}"}, {"scp": SCOPE}, {"scp": ["a", SCOPE]}])
def test_http_reads_scopes_from_scope_and_scp(http: JwtAuthorizer, claims: dict[str, Any]) -> None:
    assert status(asked(http, ACCESS.token(**{"scope": None, **claims}), [SCOPE])) == 200


def test_http_asks_for_the_client_id_where_there_is_no_aud_only(http: JwtAuthorizer) -> None:
    assert status(asked(http, ACCESS.token(aud=CLIENT, client_id="another-client"))) == 200
    assert status(asked(http, ACCESS.token(aud="another-client"))) == 401
    assert status(asked(http, ACCESS.token(aud=[]))) == 401
    assert status(asked(http, ACCESS.token(aud=["another-client", CLIENT]))) == 200
    assert status(asked(http, ACCESS.token(aud={"name": CLIENT}))) == 401


@pytest.mark.parametrize(
    "other",
    [
        {"AuthorizerType": "REQUEST"},
        {"IdentitySource": ["$request.querystring.token"]},
        {"IdentitySource": ["$request.header.A", "$request.header.B"]},
        {"IdentitySource": []},
        {"JwtConfiguration": {"Issuer": ISSUER, "Audience": []}},
    ],
)
def test_http_does_not_pretend_to_know_other_authorizers(keys: PoolKeys, other: dict[str, Any]) -> None:
    with pytest.raises(SimulatorError, match="authorizer pool"):
        JwtAuthorizer.read(HTTP | other, keys)


def test_what_is_said_repeats_nothing_of_a_token(kind: Kind) -> None:
    for make in BAD.values():
        value = make(kind.pool)
        refusal = asked(kind.authorizer, value, kind.scopes)
        if refusal is not None:
            said = json.dumps(vars(refusal))
            assert not [part for part in value.split(".") if len(part) > 10 and part in said]


def _decoded(part: str) -> bytes:
    return base64.urlsafe_b64decode(part + "=" * (-len(part) % 4))
