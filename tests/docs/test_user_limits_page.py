"""docs/user-limits.md: its snippet notes the place that the function looks for, and its numbers are the code's."""

from __future__ import annotations

import re
from typing import Any

import pytest

from proxy.interceptors.user_limits import _Caller
from proxy.interceptors.user_limits.groups import Group
from proxy.pseudonyms import Pseudonyms, network_of
from proxy.reading import Reading, Slot
from tests.needs import ROOT
from tests.proxy.sample_requests import request

PAGE = (ROOT / "docs" / "user-limits.md").read_text(encoding="utf-8")
LOG_KEY = "dummy-log-key-of-at-least-32-characters"


@pytest.mark.parametrize("address", ["203.0.113.7", "2001:db8:1:2::3"])
def test_the_snippet_notes_the_place_that_the_function_looks_for(address: str) -> None:
    found = re.search(r"```python\n(.*?)```", PAGE, re.DOTALL)
    assert found
    names: dict[str, Any] = {"USERNAME": "Jane@Example.com", "LOG_KEY": LOG_KEY, "NETWORK": address}
    exec(found[1], names)  # noqa: S102 - the page's own
    body: dict[str, Any] = {"USERNAME": "Jane@Example.com"}
    slot = Slot("InitiateAuth", body, body, "SECRET_HASH", "Jane@Example.com")
    sent = request("InitiateAuth", body)._replace(client_ip=address)
    hashes = Pseudonyms.of_document({"log_key": LOG_KEY}, "dummy-secret")
    caller = _Caller(Reading(operation="InitiateAuth", request=sent, body=body, client_id="c", slot=slot), hashes)
    assert network_of(address) is not None
    assert caller.claimed() == [names["item"]["key"]["S"]]
    assert float(names["item"]["marked"]["N"]) > caller.now


def test_every_group_is_in_the_table() -> None:
    assert re.findall(r"^\| `(\w+)` \| [A-Z]", PAGE, re.MULTILINE) == [group.value for group in Group]
