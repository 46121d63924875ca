"""With sealed tokens nobody who signed in calls Cognito past the proxy, and nothing else is different to him."""

import time
from collections.abc import Iterator
from typing import Any

import pytest
from botocore.exceptions import ClientError

from local.fronts.rotation import rotations
from proxy.access_token import unverified_claims
from sealing.envelope import open_sealed, seal
from sealing.key_document import KeyDocument
from tests.e2e.boto3_story import cognito_client
from tests.e2e.deployment import Deployment
from tests.e2e.setups import SEALED, on
from tests.e2e.signed_in import ApiCaller, User, claims_in

pytestmark = on((SEALED,))


@pytest.fixture
def keys(deployment: Deployment) -> KeyDocument:
    """What an administrator can read."""
    return KeyDocument.from_json(_secret(deployment)[1])


@pytest.fixture
def apis(deployment: Deployment) -> list[ApiCaller]:
    """Both samples take sealed access tokens."""
    outputs = deployment.run.outputs.samples
    return [ApiCaller(output=name, url=outputs[name], takes="AccessToken") for name in ("RestApiUrl", "HttpApiUrl")]


@pytest.mark.proves("sealed-past-proxy", oracle="Cognito of the emulator")
def test_cognito_itself_refuses_what_the_proxy_takes(deployment: Deployment, ada: User, keys: KeyDocument) -> None:
    sealed = ada.tokens["AccessToken"]
    with cognito_client(deployment.endpoint, deployment.region) as through, _direct(deployment) as past:
        assert through.get_user(AccessToken=sealed)["Username"]
        with pytest.raises(ClientError, match="NotAuthorizedException"):
            past.get_user(AccessToken=sealed)
        # So it is the seal that keeps him out: what is inside would be taken.
        assert past.get_user(AccessToken=_inside(sealed, keys))["Username"]


def test_what_is_inside_a_sealed_token_opens_nothing_else(
    deployment: Deployment, ada: User, keys: KeyDocument, apis: list[ApiCaller]
) -> None:
    inside = _inside(ada.tokens["AccessToken"], keys)
    with (
        cognito_client(deployment.endpoint, deployment.region) as through,
        pytest.raises(ClientError, match="NotAuthorizedException"),
    ):
        through.get_user(AccessToken=inside)
    assert [api.call("GET", "", inside).status for api in apis] == [401, 403]


def test_a_refresh_gives_a_sealed_token(deployment: Deployment, ada: User, keys: KeyDocument) -> None:
    with cognito_client(deployment.endpoint, deployment.region) as cognito:
        answer = cognito.get_tokens_from_refresh_token(
            RefreshToken=ada.tokens["RefreshToken"], ClientId=deployment.client_id
        )
        token = answer["AuthenticationResult"]["AccessToken"]
        assert claims_in(_inside(token, keys))["sub"] == ada.sub
        assert cognito.get_user(AccessToken=token)["Username"]


@pytest.mark.proves("sealed-authorizer")
def test_both_sample_apis_take_them_and_keep_users_apart(apis: list[ApiCaller], ada: User, bob: User) -> None:
    for api in apis:
        name = unverified_claims(ada.tokens["AccessToken"])["username"]
        for prefix in ("", "Bearer "):
            answer = api.call("GET", "", f"{prefix}{ada.tokens['AccessToken']}")
            assert (answer.status, answer.document()) == (200, {"message": f"Hello, {name}"})
        assert api.put("documents/notes", ada, {"text": api.output}).status in (200, 201)
        assert api.get("documents/notes", ada).document() == {"text": api.output}
        assert api.get("documents/notes", bob).status == 404


def test_both_sample_apis_refuse_everything_else(apis: list[ApiCaller], ada: User, bob: User) -> None:
    refused = {"RestApiUrl": (401, 401), "HttpApiUrl": (401, 403)}
    for api in apis:
        without, wrong = refused[api.output]
        assert api.call("GET", "documents", "").status == without
        for token in (ada.tokens["IdToken"], "x", *_forged(ada.tokens["AccessToken"], bob.tokens["AccessToken"])):
            assert api.call("GET", "documents", token).status == wrong


def test_the_proxy_refuses_forged_ones_and_cognito_hears_of_none(deployment: Deployment, ada: User, bob: User) -> None:
    with deployment.forwarded() as forwarded, cognito_client(deployment.endpoint, deployment.region) as cognito:
        for token in _forged(ada.tokens["AccessToken"], bob.tokens["AccessToken"]):
            with pytest.raises(ClientError, match="NotAuthorizedException"):
                cognito.get_user(AccessToken=token)
        assert forwarded() == []


def test_tokens_outlive_a_rotation_of_the_key(deployment: Deployment, apis: list[ApiCaller], ada: User) -> None:
    found = rotations(deployment.run.emulator, deployment.run.stacks.values())
    rotation = next(each for name, each in found.items() if name.startswith("SealedTokens"))
    before = KeyDocument.from_json(_secret(deployment)[1])
    rotation.rotate()
    after = KeyDocument.from_json(_secret(deployment)[1])
    assert after.previous == before.key
    # As yet it is the previous one that seals, and both open.
    assert after.sealing(time.time()) == before.key
    old = ada.tokens["AccessToken"]
    assert open_sealed(old, after, now=time.time()).claims["sub"] == ada.sub
    assert apis[0].call("GET", "", old).status == 200
    new = seal(_inside(old, before), after, now=after.since)
    # The functions have not read the new key yet, and do so now.
    with cognito_client(deployment.endpoint, deployment.region) as cognito:
        assert cognito.get_user(AccessToken=new)["Username"]


def _forged(one: str, other: str) -> Iterator[str]:
    """A flipped bit in each part, and the envelope of somebody else's token around one's own."""
    parts, others = one.split("."), other.split(".")
    for place in range(3):
        middle = len(parts[place]) // 2
        changed = "B" if parts[place][middle] == "A" else "A"
        flipped = parts[place][:middle] + changed + parts[place][middle + 1 :]
        yield ".".join([*parts[:place], flipped, *parts[place + 1 :]])
        yield ".".join([*parts[:place], others[place], *parts[place + 1 :]]) if place else one[:-1]


def _inside(sealed: str, keys: KeyDocument) -> str:
    return open_sealed(sealed, keys, now=claims_in(sealed)["iat"]).token


def _secret(deployment: Deployment) -> tuple[str, str]:
    """ARN and text of the secret with the keys."""
    (stack,) = (stack for stack in deployment.run.stacks.values() if "SealedTokensSecretArn" in stack.outputs)
    arn = stack.outputs["SealedTokensSecretArn"]
    secrets_manager = deployment.run.client("secretsmanager", region=stack.region)
    return arn, secrets_manager.get_secret_value(SecretId=arn)["SecretString"]


def _direct(deployment: Deployment) -> Any:
    """Cognito itself, as anybody can call it."""
    return cognito_client(deployment.upstream, deployment.region)
