"""The samples' APIs take the tokens that came through the proxy, and no others; nobody sees another's documents."""

import base64
import json
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from urllib.parse import quote, urlencode

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from tests.e2e.deployment import ALLOWED_ORIGIN, Deployment
from tests.e2e.raw_http import Answer, send
from tests.e2e.setups import WITH_SAMPLES, on
from tests.e2e.signed_in import ApiCaller, User, claims_in

pytestmark = on(WITH_SAMPLES)

SECRET = "Only Ada may read this: 7d1f0c"


@pytest.fixture
def diary(api: ApiCaller, ada: User) -> Iterator[str]:
    """Path of a document of Ada's; afterwards it is as it was."""
    path = "documents/diary"
    assert api.put(path, ada, {"text": SECRET}).status in (200, 201)
    yield path
    assert api.get(path, ada).document() == {"text": SECRET}


def test_greets_who_signed_in_through_the_proxy(api: ApiCaller, ada: User, bob: User) -> None:
    for user in (ada, bob):
        # An access token has no names to greet by.
        username = claims_in(user.tokens["AccessToken"])["username"]
        name = f"{user.given_name} {user.family_name}" if api.takes == "IdToken" else username
        answer = api.get("", user)
        assert (answer.status, answer.document()) == (200, {"message": f"Hello, {name}"})
        with_prefix = api.call("GET", "", f"Bearer {user.tokens[api.takes]}")
        assert (with_prefix.status, with_prefix.body) == (200, answer.body)


def test_a_program_may_do_what_its_scopes_say(deployment: Deployment, ada: User) -> None:
    outputs = deployment.run.outputs.samples
    http = ApiCaller(output="HttpApiUrl", url=outputs["HttpApiUrl"], takes="AccessToken")
    to_read, to_do_both = (_of_a_program(deployment, scope) for scope in ("documents/documents.read", ""))
    assert http.call("GET", "documents", to_read).status == 200
    refused = http.call("POST", "documents/notes", to_read, (), b"{}")
    assert (refused.status, refused.document()) == (403, {"message": "Forbidden"})
    assert 'error="insufficient_scope"' in refused.headers["www-authenticate"]
    assert http.call("POST", "documents/notes", to_do_both, (), b"{}").status in (200, 201)
    # The REST API is for users: it takes ID tokens.
    assert http.call("GET", "documents/diary", to_do_both).status == 404
    rest = ApiCaller(output="RestApiUrl", url=outputs["RestApiUrl"], takes="IdToken")
    assert rest.call("GET", "documents", to_do_both).status == 401
    assert http.get("documents", ada).status == 200


def _of_a_program(deployment: Deployment, scope: str) -> str:
    """An access token by client credentials, from the pool's own domain. Default scopes: all of the app client's."""
    stack = next(stack for stack in deployment.run.stacks.values() if "MachineClientId" in stack.outputs)
    secrets_manager = deployment.run.client("secretsmanager", region=stack.region)
    value = secrets_manager.get_secret_value(SecretId=stack.outputs["MachineSecretArn"])["SecretString"]
    proof = f"{stack.outputs['MachineClientId']}:{json.loads(value)['client_secret']}"
    headers = (
        ("Authorization", f"Basic {base64.b64encode(proof.encode()).decode()}"),
        ("Content-Type", "application/x-www-form-urlencoded"),
    )
    form = urlencode({"grant_type": "client_credentials"} | ({"scope": scope} if scope else {}))
    answer = send(f"{deployment.run.outputs.samples['SignInUrl']}/oauth2/token", headers=headers, body=form.encode())
    return str(answer.document()["access_token"])


def test_a_page_s_preflight_needs_no_token_and_foreign_pages_get_none(api: ApiCaller) -> None:
    preflight = (("Origin", ALLOWED_ORIGIN), ("Access-Control-Request-Method", "GET"))
    allowed = api.call("OPTIONS", "documents", "", preflight)
    assert (allowed.status // 100, allowed.headers["access-control-allow-origin"]) == (2, ALLOWED_ORIGIN)
    foreign = api.call("OPTIONS", "documents", "", (("Origin", "https://evil.example.com"), preflight[1]))
    assert "access-control-allow-origin" not in foreign.headers


# Documents


def test_keeps_a_document_and_gives_it_back(api: ApiCaller, ada: User) -> None:
    document = {"text": "Grüße", "numbers": [1, 2.5, None]}
    assert api.put("documents/notes.1", ada, document).status in (200, 201)
    assert api.get("documents/notes.1", ada).document() == document
    assert "notes.1" in api.get("documents", ada).document()["documents"]


def test_the_same_name_is_another_document_for_another_user(api: ApiCaller, ada: User, bob: User, diary: str) -> None:
    assert api.get("documents", bob).status == 200
    assert _shows_nothing(api.get(diary, bob))
    assert api.put(diary, bob, {"text": "Bob's own"}).status in (200, 201)
    assert api.get(diary, bob).document() == {"text": "Bob's own"}
    assert api.get(diary, ada).document() == {"text": SECRET}


def _attempts(sub: str) -> list[str]:
    """Paths by which Bob, who knows Ada's `sub` and the name of her document, could hope to reach it."""
    whole = f"{sub}/diary"
    paths = [
        f"documents/{whole}",
        f"documents/{quote(whole, safe='')}",
        f"documents/{quote(quote(whole, safe=''), safe='')}",
        f"{sub}/documents/diary",
        f"users/{sub}/documents/diary",
        f"documents/../{whole}",
        f"documents/..%2f{sub}%2fdiary",
        f"documents/%2e%2e/{whole}",
        f"documents/%2e%2e%2f{sub}%2fdiary",
        f"documents/..%5c{sub}%5cdiary",
        f"documents/..;/{whole}",
        f"documents//{whole}",
        f"/documents/{whole}",
        f"//documents//{sub}//diary",
        f"../{sub}/documents/diary",
        f"prod/documents/{whole}",
        f"documents/{sub}:diary",
        f"documents/{sub}%23diary",
        f"documents/{sub}%7cdiary",
        f"documents/diary%00{sub}",
        f"documents/diary%0d%0aX-User:%20{sub}",
        "documents/%23names",
        "documents/#names",
        "documents/*",
        "documents/%2a",
        "documents/%",
        "documents/%zz",
        "documents/dia%72y%20",
        "documents/DIARY",
        "Documents/diary",
        "DOCUMENTS/diary",
        "documents/diary/",
        "documents/diary/.",
        "documents/./diary",
        "documents/diary;v=1",
        "documents/%EF%BD%84iary",
        "documents/diary%E2%80%8B",
    ]
    queries = [f"user={sub}", f"sub={sub}", f"name=diary&user={sub}", f"user={sub}&user=x", f"claims[sub]={sub}"]
    return [*paths, *(f"documents/diary?{query}" for query in queries), *(f"documents?{query}" for query in queries)]


def _shows_nothing(answer: Answer) -> bool:
    return SECRET not in answer.body.decode(errors="replace") and answer.status < 500


@pytest.mark.proves("local-users-apart")
@pytest.mark.usefixtures("diary")
def test_no_path_and_no_query_leads_to_another_s_document(api: ApiCaller, ada: User, bob: User) -> None:
    assert [path for path in _attempts(ada.sub) if not _shows_nothing(api.get(path, bob))] == []


@pytest.mark.proves("local-users-apart")
@pytest.mark.usefixtures("diary")
def test_nothing_that_is_sent_changes_another_s_document(
    deployment: Deployment, api: ApiCaller, ada: User, bob: User
) -> None:
    body = {"user": ada.sub, "sub": ada.sub, "name": "diary", "key": {"user": {"S": ada.sub}}, "text": "Bob was here"}
    for path in _attempts(ada.sub):
        answer = api.put(path, bob, body)
        assert answer.status < 500, (path, answer.body)
    assert {owner for owner, name in _kept(deployment) if name == "diary"} <= {ada.sub, bob.sub}
    assert api.get("documents/diary", ada).document() == {"text": SECRET}


@pytest.mark.proves("local-users-apart")
@pytest.mark.usefixtures("diary")
def test_no_header_names_another_user(api: ApiCaller, ada: User, bob: User) -> None:
    claims = claims_in(ada.tokens["IdToken"])
    forged = json.dumps({"claims": claims, "jwt": {"claims": claims}})
    for name in (
        "X-User",
        "X-Sub",
        "X-Amzn-Oidc-Data",
        "X-Amzn-Oidc-Identity",
        "X-Amzn-Requestcontext-Authorizer",
        "X-Apigateway-Event",
        "X-Forwarded-User",
        "X-HTTP-Method-Override",
        "X-Original-URL",
        "X-Rewrite-URL",
        "Cookie",
    ):
        for value in (ada.sub, forged, f"/prod/documents/{ada.sub}/diary", f"IdToken={ada.tokens['IdToken']}"):
            answer = api.get("documents/diary", bob, (name, value))
            assert _shows_nothing(answer), (name, value)


@pytest.mark.usefixtures("diary")
def test_two_tokens_open_nothing(api: ApiCaller, ada: User, bob: User) -> None:
    for first, second in ((ada, bob), (bob, ada)):
        tokens = [(("Authorization"), user.tokens[api.takes]) for user in (first, second)]
        assert api.call("GET", "documents/diary", "", tokens).status == 401


@pytest.mark.usefixtures("diary")
def test_users_who_call_at_the_same_time_get_their_own(api: ApiCaller, ada: User, bob: User) -> None:
    assert api.put("documents/turn", ada, {"of": "Ada"}).status in (200, 201)
    assert api.put("documents/turn", bob, {"of": "Bob"}).status in (200, 201)
    callers = [(ada, "Ada"), (bob, "Bob")] * 15
    with ThreadPoolExecutor(6) as pool:
        answers = pool.map(lambda caller: api.get("documents/turn", caller[0]).document()["of"], callers)
        assert list(answers) == [name for _, name in callers]


SEGMENTS = ("documents", "Documents", "diary", "SUB", "..", ".", "", "%2e%2e", "%2f", "%5c", "%23names", "prod", "%00")
PATHS = st.tuples(st.lists(st.sampled_from(SEGMENTS), max_size=7), st.sampled_from(["/", "//", "%2f", "%2F", "%252f"]))


@settings(
    max_examples=20,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.differing_executors],
    deadline=None,
)
@given(parts=PATHS)
@example(parts=(["documents", "diary"], "/"))
@pytest.mark.usefixtures("diary")
def test_no_path_put_together_at_random_leads_there(
    api: ApiCaller, ada: User, bob: User, parts: tuple[list[str], str]
) -> None:
    segments, joint = parts
    path = joint.join(segments).replace("SUB", ada.sub)
    for answer in (api.get(path, bob), api.put(path, bob, {"text": "Bob was here"})):
        assert _shows_nothing(answer), (path, answer.status, answer.body)
    assert api.get("documents/diary", ada).document() == {"text": SECRET}


def test_every_key_in_the_table_is_of_somebody_who_was_verified(
    deployment: Deployment, api: ApiCaller, ada: User, diary: str
) -> None:
    assert api.get(diary, ada).status == 200
    programs = {stack.outputs.get("MachineClientId") for stack in deployment.run.stacks.values()}
    owners = {owner for owner, _ in _kept(deployment)}
    assert ada.sub in owners
    assert owners <= _subs(deployment) | programs


def _subs(deployment: Deployment) -> set[str]:
    """Of all users: other tests, too, use the deployment."""
    pages = deployment.run.client("cognito-idp").get_paginator("list_users")
    users = (user for page in pages.paginate(UserPoolId=deployment.run.outputs.user_pool_id) for user in page["Users"])
    return {each["Value"] for user in users for each in user["Attributes"] if each["Name"] == "sub"}


def _kept(deployment: Deployment) -> set[tuple[str, str]]:
    """Owner and name of everything that the samples keep, as an administrator sees it."""
    found: set[tuple[str, str]] = set()
    for stack in deployment.run.stacks.values():
        for logical_id, resource in stack.template["Resources"].items():
            keys = [key["AttributeName"] for key in resource.get("Properties", {}).get("KeySchema", ())]
            if resource["Type"] == "AWS::DynamoDB::Table" and keys == ["user", "name"]:
                table = stack.physical_ids[logical_id]
                items = deployment.run.client("dynamodb", region=stack.region).scan(TableName=table)["Items"]
                found.update((item["user"]["S"], item["name"]["S"]) for item in items)
    return found


def test_nothing_secret_of_a_call_is_logged(deployment: Deployment, api: ApiCaller, ada: User, diary: str) -> None:
    assert api.get(diary, ada).status == 200
    logs = deployment.run.logs()
    assert [name for name, token in ada.tokens.items() if name.endswith("Token") and token in logs] == []
    assert SECRET not in logs
