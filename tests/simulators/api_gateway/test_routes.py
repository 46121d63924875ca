"""Which route a request is for."""

import pytest

from local.simulators.api_gateway.routes import Route, route_for

ROUTES = tuple(
    Route(method=method, path=path, authorizer=None)
    for method, path in (
        ("ANY", "/"),
        ("OPTIONS", "/"),
        ("ANY", "/{proxy+}"),
        ("GET", "/documents"),
        ("GET", "/documents/{name}"),
        ("GET", "/documents/latest"),
        ("POST", "/documents/{proxy+}"),
        ("GET", "/{kind}/latest"),
    )
)


@pytest.mark.parametrize(
    ("method", "path", "route"),
    [
        ("GET", "/", "ANY /"),
        ("OPTIONS", "/", "OPTIONS /"),
        ("options", "/", "ANY /"),
        ("GET", "//", "ANY /"),
        ("GET", "/documents", "GET /documents"),
        ("GET", "//documents", "GET /documents"),
        ("GET", "/docum%65nts", "GET /documents"),
        ("GET", "/Documents", "ANY /{proxy+}"),
        ("GET", "/documents/", "ANY /{proxy+}"),
        ("GET", "/documents/a", "GET /documents/{name}"),
        ("GET", "/documents%2fa", "GET /documents/{name}"),
        ("GET", "/documents/a%2fb", "ANY /{proxy+}"),
        ("GET", "/documents/../documents", "ANY /{proxy+}"),
        ("GET", "/documents/latest", "GET /documents/latest"),
        ("GET", "/pictures/latest", "GET /{kind}/latest"),
        ("DELETE", "/documents", "ANY /{proxy+}"),
        ("POST", "/documents", "ANY /{proxy+}"),
        ("POST", "/documents/", "ANY /{proxy+}"),
        ("POST", "/documents/a/b", "POST /documents/{proxy+}"),
    ],
)
def test_the_most_specific_one_is_taken(method: str, path: str, route: str) -> None:
    found = route_for(ROUTES, method, path)
    assert found is not None
    assert f"{found.method} {found.path}" == route


def test_default_comes_last() -> None:
    routes = [Route(method="ANY", path="$default", authorizer=None), *ROUTES[2:3]]
    paths = [found.path for path in ("/", "/a") if (found := route_for(routes, "GET", path))]
    assert paths == ["$default", "/{proxy+}"]


def test_there_may_be_none() -> None:
    assert route_for(ROUTES[3:4], "GET", "/") is None
    assert route_for(ROUTES[3:4], "POST", "/documents") is None
    assert route_for(ROUTES[2:3], "GET", "/") is None
    assert route_for((), "GET", "/") is None
