"""Calls as a journal has them, for tests of what is made of them."""

from typing import Any

from local.screen.exchanges import Exchange
from local.simulators.common.journal import Call


def a_call(operation: str = "SignUp", body: Any = None, **fields: Any) -> Call:
    """A call that succeeded, but for what `fields` say."""
    given: dict[str, Any] = {
        "method": "POST",
        "status": 200,
        "error_type": "",
        "header_names": (),
        "signed": False,
        "source_ip": "127.0.0.1",
        "forwarded_for": "",
        "answer": {},
        "began": 1.0,
        "ended": 1.012,
    }
    return Call(operation=operation, body={} if body is None else body, **{**given, **fields})


def an_exchange(came: Call, went_on: Call | None = None, **fields: Any) -> Exchange:
    """An exchange at three past twelve."""
    return Exchange(time="12:03:11", came=came, went_on=went_on, **fields)
