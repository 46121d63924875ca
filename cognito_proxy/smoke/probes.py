"""C1 to C10: what nobody could see without an AWS account, each with its verdict and what to set accordingly.

None changes a deployment. What cannot be found out beside a live one says what to deploy for it.
"""

import base64
import hashlib
import hmac
import json
from collections.abc import Callable
from secrets import token_bytes
from typing import Any

from botocore.exceptions import ClientError

from cognito_proxy.smoke.check import Check
from cognito_proxy.smoke.checks.answers import get_user
from cognito_proxy.smoke.checks.refusals import confirmation
from cognito_proxy.smoke.checks.rotation import answers_nothing
from cognito_proxy.smoke.checks.secrets import described, ids_in_value, secrets_manager
from cognito_proxy.smoke.checks.texts import seen_texts, understood
from cognito_proxy.smoke.http import Answer
from cognito_proxy.smoke.person import person, sign_in
from cognito_proxy.smoke.target import EDGE
from cognito_proxy.smoke.verdicts import Failed, Need, NotCheckable
from cognito_proxy.smoke.world import World

_BAD_SIGNATURE = frozenset(
    {
        "InvalidSignatureException",
        "IncompleteSignatureException",
        "SignatureDoesNotMatch",
        "UnrecognizedClientException",
    }
)
_CF_ID = "x-amz-cf-id"
_DEMONSTRATION = "CognitoProxyEdgeDemo"
_HALF_SEEN = (
    "Cognito takes a signature that covers x-amz-cf-id. Left to see is that CloudFront sends the value that the "
    "function signed: deploy a demonstration beside this one, `cdk deploy --all -c variant=edge "
    "-c threat_protection=true -c edge_admin_calls=in_place`, without user_pool_id, and run `cognito-proxy smoke "
    f"--stack {_DEMONSTRATION} --region us-east-1 --user --probe`; when it passes, set edge_admin_calls=in_place here"
)

_UNSIGNED_TOO = " (Cognito takes a signature that leaves x-amz-cf-id out, too)"


def _in_place(world: World) -> str:
    """C1: CloudFront sends what was signed, and `x-amz-cf-id`, which is signed with the value that it will have."""
    if _signs_in_place(world):
        if not world.options.user:
            raise NotCheckable("this deployment signs in place: run with --user, which signs a user in through it")
        sign_in(world, person(world))
        return "a user signed in through it, signed in place: keep edge_admin_calls=in_place"
    signed, unsigned = (_signature_holds(world, is_signed=is_signed) for is_signed in (True, False))
    if signed:
        raise NotCheckable(f"{_HALF_SEEN}{_UNSIGNED_TOO if unsigned else ''}")
    if unsigned:
        raise Failed("Cognito takes the signature only without x-amz-cf-id: keep edge_admin_calls=generated")
    raise Failed("Cognito takes neither signature: keep edge_admin_calls=generated, and look at these credentials")


def _signs_in_place(world: World) -> bool:
    settings = world.target.settings
    return bool(
        world.target.variant == EDGE
        and settings.get("threat_protection")
        and settings.get("edge_admin_calls", "in_place") == "in_place"
    )


def _signature_holds(world: World, *, is_signed: bool) -> bool:
    """Whether Cognito takes a call of ours with CloudFront's header. The call is for a user that does not exist."""
    client = world.cognito()

    def add(request: Any, **_: object) -> None:
        request.headers[_CF_ID] = f"{base64.b64encode(token_bytes(39)).decode()}=="

    operation = "AdminInitiateAuth"
    client.meta.events.register(f"{'before-sign' if is_signed else 'before-send'}.cognito-idp.{operation}", add)
    try:
        client.admin_initiate_auth(
            UserPoolId=world.user_pool_id,
            ClientId=world.target.app_clients[0].client_id,
            AuthFlow="USER_SRP_AUTH",
            AuthParameters={"USERNAME": world.nobody, "SRP_A": "2"},
        )
    except ClientError as error:
        # Whatever else it is refused for comes after the signature.
        return error.response.get("Error", {}).get("Code") not in _BAD_SIGNATURE
    return True


def _rotation(world: World) -> str:
    return f"endPrevious: {answers_nothing(world)}"


def _pending(world: World) -> str:
    for client in world.target.app_clients:
        labels = described(world, client).get("VersionIdsToStages", {}).values()
        if any("AWSPENDING" in found and "AWSCURRENT" not in found for found in labels):
            raise Failed(
                f"{client.client_id}: a version is AWSPENDING; cognito-proxy rotate gives it up after ten minutes"
            )
    return "setting up the schedule left no AWSPENDING"


def _texts(world: World) -> str:
    """C4: the words, to be kept with the deployment's papers: they are documented nowhere."""
    answers = seen_texts(world) | {"right hash": _with_right_hash(world)}
    setting = (
        world.cognito()
        .describe_user_pool_client(UserPoolId=world.user_pool_id, ClientId=world.target.app_clients[0].client_id)[
            "UserPoolClient"
        ]
        .get("PreventUserExistenceErrors", "LEGACY")
    )
    told = "; ".join(f"{what}: {answer.told}" for what, answer in answers.items())
    strange = [what for what, answer in answers.items() if not understood(what, answer)]
    if strange:
        raise Failed(f"not understood: {', '.join(strange)} (PreventUserExistenceErrors {setting}). {told}")
    return f"PreventUserExistenceErrors {setting}. {told}"


def _with_right_hash(world: World) -> Answer:
    """Cognito's answer past the proxy to the very call that a rotation tests a secret with."""
    client = world.target.app_clients[0]
    if client.secret_arn is None:
        raise NotCheckable("the stack has no output SecretArn")
    value = secrets_manager(world, client).get_secret_value(SecretId=client.secret_arn)["SecretString"]
    secret = str(json.loads(value)["client_secret"])
    world.hidden.add(secret)
    asked = confirmation(world, client.client_id)
    message = f"{asked['Username']}{client.client_id}".encode()
    digest = base64.b64encode(hmac.digest(secret.encode(), message, hashlib.sha256)).decode()
    return world.call_cognito("ConfirmSignUp", asked | {"SecretHash": digest})


def _replica(world: World) -> str:
    regions = list(world.target.settings.get("replica_regions", ()))
    if not regions:
        raise NotCheckable("this deployment has no replica; the edge variant with its pool outside of us-east-1 has")
    for client in world.target.app_clients:
        for region in regions:
            statuses = described(world, client).get("ReplicationStatus", ())
            status = next((each["Status"] for each in statuses if each["Region"] == region), "missing")
            arn = str(client.secret_arn).split(":")
            replica = ":".join([*arn[:3], region, *arn[4:]])
            if status != "InSync":
                raise Failed(f"{client.client_id}: {region} {status}; remove the replica and add it again")
            if world.target.is_local:
                raise NotCheckable(f"{region}: InSync, but the emulator keeps no replica to read")
            if ids_in_value(world.aws("secretsmanager", region=region), replica) is None:
                raise Failed(f"{client.client_id}: InSync in {region}, and not readable there")
    return f"InSync and readable in {', '.join(regions)}"


def _strange_origin(world: World) -> str:
    strange = [origin for origin in world.target.allowed_origins if not origin.startswith(("http", "*"))]
    if not strange:
        raise NotCheckable("deploy with capacitor://localhost among allowed_origins, and run this again with --deny-me")
    for origin in strange:
        headers = {"Origin": origin, "Access-Control-Request-Method": "POST"}
        answers = {
            "preflight": world.http.send(world.target.endpoint, method="OPTIONS", headers=headers),
            "answer": get_user(world, origin=origin),
        }
        for what, answer in answers.items():
            granted = answer.headers.get("access-control-allow-origin", ())
            if granted not in ((origin,), ("*",)):
                raise Failed(f"{origin}, {what}: access-control-allow-origin: {', '.join(granted) or 'missing'}")
    return f"{', '.join(strange)}: exactly one access-control-allow-origin"


def _client_ids(world: World) -> str:
    if not world.target.others:
        raise NotCheckable("pool and proxy are in one stack; for the edge variant with its pool outside of us-east-1")
    told = {client.client_id for client in world.target.app_clients}
    made = {
        stack.physical_ids[name]
        for stack in world.target.others.values()
        for name, _ in stack.resources("AWS::Cognito::UserPoolClient")
        if name in stack.physical_ids
    }
    stale = sorted(told - made) if made else []
    if stale:
        raise Failed(
            f"the proxy's stack tells {', '.join(stale)}, which the pool's stack no longer has: "
            "run `cdk deploy --all --force` once"
        )
    return f"AppClientId of both stacks: {', '.join(sorted(told))}"


def _plan(world: World) -> str:
    pool = world.cognito().describe_user_pool(UserPoolId=world.user_pool_id)["UserPool"]
    tier = pool.get("UserPoolTier", "unknown")
    propagates = bool(world.target.settings.get("propagate_client_ip"))
    if not world.options.user:
        raise NotCheckable(
            f"plan {tier}, propagate_client_ip {propagates}: run with --user, which signs in and refreshes"
        )
    who = person(world)
    sign_in(world, who)
    answer = world.call(
        "GetTokensFromRefreshToken", {"ClientId": who.client.client_id, "RefreshToken": who.tokens["RefreshToken"]}
    )
    if answer.status != 200:
        raise Failed(f"plan {tier}: a refresh is refused, {answer.told}")
    devices = (
        "; remembered devices are off" if "DeviceConfiguration" not in pool else "; a remembered device is not tried"
    )
    return f"plan {tier}, propagate_client_ip {propagates}: sign-in and refresh work{devices}"


def _settings_header(world: World) -> str:
    answer = get_user(world, x_proxy_settings="e30=", x_proxy_settings_2="e30=")
    if (answer.status, answer.error) != (400, "NotAuthorizedException"):
        raise Failed(f"a viewer's own x-proxy-settings: {answer.told}")
    return f"a viewer's own x-proxy-settings: {answer.told}, as without"


def _get_wrong_path(world: World) -> str:
    answer = world.http.send(f"{world.target.endpoint}nowhere", method="GET")
    if not answer.has_cognitos_shape:
        raise Failed(f"GET of a wrong path: {answer.told}")
    return f"GET of a wrong path: {answer.told}"


def _probe(
    number: int,
    name: str,
    promise: str,
    run: Callable[[World], str],
    *needs: Need,
    after: tuple[str, ...],
    advice: str = "Write down what was seen, and open an issue with it.",
    proves: tuple[str, ...] = (),
) -> Check:
    return Check(
        name=name,
        promise=promise,
        run=run,
        needs=frozenset(needs),
        after=after,
        advice=advice,
        probe=f"C{number}",
        is_of_aws=True,
        proves=proves,
    )


PROBES = (
    _probe(
        1,
        "signing-in-place",
        "Cognito takes a sign-in that the function signs and CloudFront sends (edge_admin_calls=in_place).",
        _in_place,
        Need.AWS,
        after=("function", "app-clients-answer"),
        advice="Keep edge_admin_calls=generated, the default.",
    ),
    _probe(
        2,
        "rotation-answers-nothing",
        "Asked to end a previous secret that is not there, the rotation function says `nothing`.",
        _rotation,
        Need.AWS,
        Need.ROTATION,
        after=("rotation-function",),
        proves=("never-the-current-one",),
    ),
    _probe(
        3,
        "schedule-leaves-no-pending",
        "Setting a schedule up leaves no version AWSPENDING.",
        _pending,
        Need.AWS,
        Need.ROTATION,
        after=("secret", "no-stuck-rotation"),
    ),
    _probe(
        4,
        "exact-texts",
        "Cognito refuses no hash, a wrong one, a right one for an unknown user, and a wrong secret "
        "in words that the code understands.",
        _texts,
        Need.AWS,
        after=("direct-call-refused", "app-clients-answer"),
        proves=("refused-proof-fetched-anew",),
    ),
    _probe(
        5,
        "replica-of-an-empty-secret",
        "A replica that was made before the secret had a value gets it.",
        _replica,
        Need.AWS,
        after=("secret", "secret-replicas"),
        advice="`aws secretsmanager describe-secret` says why; remove the replica and add it again.",
        proves=("replica-without-value",),
    ),
    _probe(
        6,
        "capacitor-origin",
        "CloudFront takes an origin such as capacitor://localhost, and answers it once.",
        _strange_origin,
        Need.ORIGIN,
        after=("function", "preflight-allowed-origin", "response-headers-policy"),
        advice="Leave that origin out, and serve the app from https://localhost.",
        proves=("exact-origins",),
    ),
    _probe(
        7,
        "app-client-of-both-stacks",
        "The proxy's stack tells the app client that the pool's stack made.",
        _client_ids,
        Need.AWS,
        Need.EDGE,
        after=(),
        advice="Run `cdk deploy --all --force` once.",
        proves=("outputs",),
    ),
    _probe(
        8,
        "feature-plan",
        "Sign-in and refresh work on the pool's feature plan, with the flags of this deployment.",
        _plan,
        Need.AWS,
        after=("function", "app-clients-answer"),
        advice="Take propagate_client_ip away, or give the pool the Plus plan.",
    ),
    _probe(
        9,
        "settings-header-of-a-viewer",
        "A viewer's own x-proxy-settings header changes nothing.",
        _settings_header,
        after=("function",),
        proves=("settings-not-from-viewers",),
    ),
    _probe(
        10,
        "wrong-path-by-get",
        "GET of a wrong path gets an error of Cognito's shape.",
        _get_wrong_path,
        after=("function", "get-refused"),
        proves=("errors-in-cognitos-shape",),
    ),
)
"""In the order of their numbers."""
