"""The samples' APIs take the tokens that came through the proxy, and no others; nobody sees another's documents."""

import json
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from urllib.parse import quote

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from tests.e2e.deployment import ALLOWED_ORIGIN, Deployment
from tests.e2e.raw_http import Answer
from tests.e2e.setups import WITH_SAMPLES, on
from tests.e2e.signed_in import SampleApi, User, claims_in, signed_in
from tests.simulators.api_gateway.deployed_pool import pool_signer
from tests.simulators.api_gateway.tokens import BAD, Signer

pytestmark = on(WITH_SAMPLES)

TAKES = {"RestApiUrl": "IdToken", "HttpApiUrl": "AccessToken"}
"""Output with an API's address → the token that it takes."""

SECRET = "Only Ada may read this: 7d1f0c"

Users = Callable[[Deployment], tuple[User, User]]


@pytest.fixture(scope="session")
def users() -> Users:
    """Gives Ada and Bob of a deployment, who sign up when they are first asked for."""

    known: dict[str, tuple[User, User]] = {}

    def sign_in(deployment: Deployment) -> tuple[User, User]:
        if deployment.client_id not in known:
            ada, bob = signed_in(deployment, "Ada", "Lovelace"), signed_in(deployment, "Bob", "Builder")
            known[deployment.client_id] = ada, bob
        return known[deployment.client_id]

    return sign_in


@pytest.fixture
def ada(deployment: Deployment, users: Users) -> User:
    return users(deployment)[0]


@pytest.fixture
def bob(deployment: Deployment, users: Users) -> User:
    return users(deployment)[1]


@pytest.fixture(params=TAKES)
def api(request: pytest.FixtureRequest, deployment: Deployment) -> SampleApi:
    output: str = request.param
    return SampleApi(output=output, url=deployment.run.sample_apis[output].url, takes=TAKES[output])


@pytest.fixture
def diary(api: SampleApi, ada: User) -> Iterator[str]:
    """Path of a document of Ada's; afterwards it is as it was."""
    path = "documents/diary"
    assert api.put(path, ada, {"text": SECRET}).status in (200, 201)
    yield path
    assert api.get(path, ada).document() == {"text": SECRET}


def _signer(deployment: Deployment, use: str, **extra: str) -> Signer:
    return pool_signer(deployment.run, deployment.user_pool_id, deployment.client_id, use, **extra)


def _good(deployment: Deployment, api: SampleApi) -> Signer:
    """Signs tokens that the API takes."""
    use = "id" if api.takes == "IdToken" else "access"
    return _signer(deployment, use, **({} if use == "id" else {"scope": "aws.cognito.signin.user.admin"}))


# Tokens


def test_greets_who_signed_in_through_the_proxy(api: SampleApi, ada: User, bob: User) -> None:
    for user in (ada, bob):
        full = f" {user.given_name} {user.family_name}"
        answer = api.get("", user)
        assert answer.status == 200
        if api.takes == "IdToken":
            assert answer.document() == {"message": f"Hello,{full}"}
        with_prefix = api.call("GET", "", f"Bearer {user.tokens[api.takes]}")
        assert (with_prefix.status, with_prefix.body) == (200, answer.body)


@pytest.mark.parametrize("case", BAD)
def test_refuses(deployment: Deployment, api: SampleApi, case: str) -> None:
    pool = _good(deployment, api)
    assert api.call("GET", "", pool.token()).status == 200
    for path in ("", "documents", "documents/diary"):
        answer = api.call("GET", path, BAD[case](pool))
        assert answer.status == 401, answer.body
        assert "Hello" not in answer.body.decode()


def test_refuses_the_tokens_that_it_is_not_for(api: SampleApi, ada: User) -> None:
    for name, token in ada.tokens.items():
        if name.endswith("Token") and name != api.takes:
            assert api.call("GET", "", token).status in (401, 403), name


def test_refuses_to_keep_anything_without_a_token(deployment: Deployment, api: SampleApi) -> None:
    pool = _good(deployment, api)
    for token in ("", pool.token(exp=1), "Bearer"):
        assert api.call("POST", "documents/sneaked", token, (), b"{}").status == 401
    assert api.call("GET", "documents", pool.token()).document() == {"documents": []}


def test_refuses_a_token_of_another_app_client_of_the_pool(deployment: Deployment, api: SampleApi) -> None:
    cognito = deployment.run.client("cognito-idp", region=deployment.region)
    made = cognito.create_user_pool_client(UserPoolId=deployment.user_pool_id, ClientName="another")
    other = Signer(**{**vars(_good(deployment, api)), "client_id": made["UserPoolClient"]["ClientId"]})
    assert api.call("GET", "", other.token()).status == 401


def test_refuses_a_token_of_another_pool(deployment: Deployment, api: SampleApi) -> None:
    cognito = deployment.run.client("cognito-idp", region=deployment.region)
    made = cognito.create_user_pool(PoolName="another")["UserPool"]["Id"]
    good = _good(deployment, api)
    other = pool_signer(deployment.run, made, deployment.client_id, good.use, **good.extra)
    assert api.call("GET", "", other.token()).status == 401
    assert api.call("GET", "", Signer(**{**vars(other), "issuer": good.issuer}).token()).status == 401
    assert api.call("GET", "", Signer(**{**vars(good), "issuer": other.issuer}).token()).status == 401


def test_a_page_may_read_why_it_was_refused(api: SampleApi) -> None:
    preflight = (("Origin", ALLOWED_ORIGIN), ("Access-Control-Request-Method", "GET"))
    allowed = api.call("OPTIONS", "documents", "", preflight)
    assert (allowed.status // 100, allowed.headers["access-control-allow-origin"]) == (2, ALLOWED_ORIGIN)
    foreign = api.call("OPTIONS", "documents", "", (("Origin", "https://evil.example.com"), preflight[1]))
    assert "access-control-allow-origin" not in foreign.headers


# Documents


def test_keeps_a_document_and_gives_it_back(api: SampleApi, ada: User) -> None:
    document = {"text": "Grüße", "numbers": [1, 2.5, None]}
    assert api.put("documents/notes.1", ada, document).status in (200, 201)
    assert api.get("documents/notes.1", ada).document() == document
    assert "notes.1" in api.get("documents", ada).document()["documents"]


def test_the_same_name_is_another_document_for_another_user(api: SampleApi, ada: User, bob: User, diary: str) -> None:
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


@pytest.mark.usefixtures("diary")
def test_no_path_and_no_query_leads_to_another_s_document(api: SampleApi, ada: User, bob: User) -> None:
    assert [path for path in _attempts(ada.sub) if not _shows_nothing(api.get(path, bob))] == []


@pytest.mark.usefixtures("diary")
def test_nothing_that_is_sent_changes_another_s_document(
    deployment: Deployment, api: SampleApi, ada: User, bob: User
) -> None:
    body = {"user": ada.sub, "sub": ada.sub, "name": "diary", "key": {"user": {"S": ada.sub}}, "text": "Bob was here"}
    for path in _attempts(ada.sub):
        answer = api.put(path, bob, body)
        assert answer.status < 500, (path, answer.body)
    assert {owner for owner, name in _kept(deployment) if name == "diary"} <= {ada.sub, bob.sub}
    assert api.get("documents/diary", ada).document() == {"text": SECRET}


@pytest.mark.usefixtures("diary")
def test_no_header_names_another_user(api: SampleApi, ada: User, bob: User) -> None:
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
def test_two_tokens_open_nothing(api: SampleApi, ada: User, bob: User) -> None:
    for first, second in ((ada, bob), (bob, ada)):
        tokens = [(("Authorization"), user.tokens[api.takes]) for user in (first, second)]
        assert api.call("GET", "documents/diary", "", tokens).status == 401


@pytest.mark.usefixtures("diary")
def test_users_who_call_at_the_same_time_get_their_own(api: SampleApi, ada: User, bob: User) -> None:
    assert api.put("documents/turn", ada, {"of": "Ada"}).status in (200, 201)
    assert api.put("documents/turn", bob, {"of": "Bob"}).status in (200, 201)
    callers = [(ada, "Ada"), (bob, "Bob")] * 15
    with ThreadPoolExecutor(6) as pool:
        answers = pool.map(lambda caller: api.get("documents/turn", caller[0]).document()["of"], callers)
        assert list(answers) == [name for _, name in callers]


SEGMENTS = ("documents", "Documents", "diary", "SUB", "..", ".", "", "%2e%2e", "%2f", "%5c", "%23names", "prod", "%00")
PATHS = st.tuples(st.lists(st.sampled_from(SEGMENTS), max_size=7), st.sampled_from(["/", "//", "%2f", "%2F", "%252f"]))


@settings(
    max_examples=40,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.differing_executors],
    deadline=None,
)
@given(parts=PATHS)
@example(parts=(["documents", "diary"], "/"))
def test_no_path_put_together_at_random_leads_there(
    api: SampleApi, ada: User, bob: User, parts: tuple[list[str], str]
) -> None:
    api.put("documents/diary", ada, {"text": SECRET})
    segments, joint = parts
    path = joint.join(segments).replace("SUB", ada.sub)
    for answer in (api.get(path, bob), api.put(path, bob, {"text": "Bob was here"})):
        assert _shows_nothing(answer), (path, answer.status, answer.body)
    assert api.get("documents/diary", ada).document() == {"text": SECRET}


def test_every_key_in_the_table_is_of_somebody_who_was_verified(
    deployment: Deployment, api: SampleApi, ada: User, bob: User, diary: str
) -> None:
    assert api.get(diary, ada).status == 200
    made_up = _good(deployment, api).claims()["sub"]
    owners = {owner for owner, _ in _kept(deployment)}
    assert ada.sub in owners
    assert owners <= {ada.sub, bob.sub, made_up}


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


def test_nothing_secret_of_a_call_is_logged(deployment: Deployment, api: SampleApi, ada: User, diary: str) -> None:
    assert api.get(diary, ada).status == 200
    logs = deployment.run.logs()
    assert [name for name, token in ada.tokens.items() if name.endswith("Token") and token in logs] == []
    assert SECRET not in logs
