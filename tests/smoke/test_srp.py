"""Our side of SRP against pycognito's, which signs real users in elsewhere in these tests."""

from __future__ import annotations

import base64
import secrets
from datetime import UTC, datetime

import pytest
from pycognito.aws_srp import AWSSRP

from cognito_proxy.smoke.srp import _N, SrpSignIn

POOL = "eu-west-1_AbCdEf123"
NOW = datetime(2026, 11, 1, 4, 5, 9, tzinfo=UTC)


def challenge() -> dict[str, str]:
    """Numbers without zeros before them: with such a salt the oracle counts digits, and Amplify and we do not."""
    return {
        "USER_ID_FOR_SRP": secrets.token_hex(8),
        "SALT": f"{secrets.randbits(128):x}",
        "SRP_B": f"{secrets.randbelow(_N):x}",
        "SECRET_BLOCK": base64.b64encode(secrets.token_bytes(300)).decode(),
    }


# The oracle's own, from Python 3.12 on.
@pytest.mark.filterwarnings("ignore:datetime.datetime.utcnow:DeprecationWarning")
@pytest.mark.parametrize("_", range(40))
def test_gives_the_proof_that_pycognito_gives(_, monkeypatch):
    """Often enough for numbers whose first bit is set, which get a zero before them, and for shorter ones."""
    oracle = AWSSRP("ada", "Dummy-Passw0rd!", POOL, "client", client=object())
    ours = SrpSignIn(user_pool_id=POOL, password="Dummy-Passw0rd!", private_a=oracle.small_a_value)
    monkeypatch.setattr(oracle, "get_cognito_formatted_timestamp", lambda _: "Sun Nov 1 04:05:09 UTC 2026")
    asked = challenge()
    theirs = oracle.process_challenge(asked, {"USERNAME": "ada"})
    assert int(ours.srp_a, 16) == oracle.large_a_value
    assert ours.answer(asked, now=NOW) == {
        "USERNAME": asked["USER_ID_FOR_SRP"],
        "TIMESTAMP": theirs["TIMESTAMP"],
        "PASSWORD_CLAIM_SECRET_BLOCK": theirs["PASSWORD_CLAIM_SECRET_BLOCK"],
        "PASSWORD_CLAIM_SIGNATURE": theirs["PASSWORD_CLAIM_SIGNATURE"],
    }


def test_two_sign_ins_have_two_private_values():
    assert SrpSignIn(user_pool_id=POOL, password="a").srp_a != SrpSignIn(user_pool_id=POOL, password="a").srp_a


@pytest.mark.parametrize("factor", [0, 1, 2])
def test_a_server_whose_public_value_proves_nothing_is_refused(factor):
    with pytest.raises(ValueError, match="multiple of N"):
        SrpSignIn(user_pool_id=POOL, password="a").answer(challenge() | {"SRP_B": f"{_N * factor:x}"}, now=NOW)
