"""Flags in a file of the user's: `-c config=prod.json`."""

import json
from pathlib import Path
from typing import Any

import pytest

from stacks.flags import AppFlags, FlagError, Variant

POOL = "eu-west-1_AbCdEf123"


def read(folder: Path, text: str, **context: Any) -> AppFlags:
    (folder / "prod.json").write_text(text, encoding="utf-8")
    return AppFlags.from_mapping({"config": "prod.json"} | context, folder=folder)


def refusal(folder: Path, text: str, **context: Any) -> str:
    with pytest.raises(FlagError) as raised:
        read(folder, text, **context)
    message = str(raised.value)
    assert "\n" not in message
    return message


def test_the_file_holds_flags_in_json(tmp_path: Path) -> None:
    text = json.dumps(
        {
            "variant": "edge",
            "user_pool_id": POOL,
            "allowed_origins": ["https://app.example.com"],
            "rate_limit": 500,
            "threat_protection": True,
        }
    )
    assert read(tmp_path, text) == AppFlags(
        variant=Variant.EDGE,
        user_pool_id=POOL,
        allowed_origins=("https://app.example.com",),
        rate_limit=500,
        threat_protection=True,
    )


def test_the_path_begins_in_the_working_directory_or_is_absolute(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "stages").mkdir()
    file = tmp_path / "stages" / "prod.json"
    file.write_text(json.dumps({"user_pool_id": POOL}))
    monkeypatch.chdir(tmp_path)
    for path in ("stages/prod.json", "./stages/prod.json", str(file)):
        assert AppFlags.from_mapping({"config": path}).user_pool_id == POOL


def test_further_flags_stand_beside_it(tmp_path: Path) -> None:
    flags = read(tmp_path, json.dumps({"user_pool_id": POOL}), rate_limit="500", count_only="true")
    assert (flags.user_pool_id, flags.rate_limit) == (POOL, 500)
    assert flags.count_only


def test_the_same_value_in_both_places_is_no_contradiction(tmp_path: Path) -> None:
    assert (
        read(tmp_path, '{"rotation_days": 30, "app_clients": ["web", "ios"]}', rotation_days="30").rotation_days == 30
    )


@pytest.mark.proves("contradiction-refused")
def test_another_value_in_both_places_is_one(tmp_path: Path) -> None:
    message = refusal(tmp_path, '{"variant": "regional", "rate_limit": 500}', variant="edge")
    assert message == "variant: 'edge' with -c or in cdk.json, 'regional' in prod.json; give one of them"


def test_a_default_that_is_said_aloud_contradicts_another_value_too(tmp_path: Path) -> None:
    assert refusal(tmp_path, '{"threat_protection": true}', threat_protection="false").startswith("threat_protection: ")


WRONG = {
    "not JSON": ("{variant: edge}", "config: 'prod.json' is no JSON object of flags: Expecting property name"),
    "nothing": ("", "config: 'prod.json' is no JSON object of flags: Expecting value"),
    "a list": ('["variant"]', "config: 'prod.json' is no JSON object of flags, but ['variant']"),
    "nested without end": ("[" * 100_000, "config: 'prod.json' is no JSON object of flags: "),
    "a flag twice": (
        '{"variant": "edge", "variant": "regional"}',
        "config: 'prod.json' is no JSON object of flags: variant stands there twice",
    ),
    "an unknown flag": (
        '{"user_pool": "x"}',
        "user_pool: unknown flag in prod.json; did you mean user_pool_id?",
    ),
    "another file": ('{"config": "test.json"}', "config: unknown flag in prod.json; "),
    "a key of CDK's": ('{"@aws-cdk/core:x": true}', "@aws-cdk/core:x: unknown flag in prod.json; "),
    "a wrong value": (
        '{"rate_limit": 5}',
        "rate_limit: 5 is not allowed; allowed is a whole number of requests from 10 to 2,000,000,000 (read in prod",
    ),
    "an empty value": ('{"user_pool_id": ""}', "user_pool_id: empty; leave the flag out, or give a user pool's id"),
    "null": ('{"user_pool_id": null}', "user_pool_id: empty; leave the flag out, or give a user pool's id"),
}


@pytest.mark.proves("contradiction-refused")
@pytest.mark.parametrize(("text", "line"), WRONG.values(), ids=WRONG)
def test_a_wrong_file_gets_one_line(tmp_path: Path, text: str, line: str) -> None:
    assert refusal(tmp_path, text).startswith(line)


def test_a_file_in_another_encoding_gets_one_line(tmp_path: Path) -> None:
    (tmp_path / "prod.json").write_bytes(json.dumps({"variant": "edge"}).encode("utf-16"))
    with pytest.raises(
        FlagError, match=r"^config: 'prod\.json' is no JSON object of flags: 'utf-8' codec can't decode"
    ):
        AppFlags.from_mapping({"config": "prod.json"}, folder=tmp_path)


def test_a_file_that_is_not_there_is_named_with_the_place_where_it_was_looked_for(tmp_path: Path) -> None:
    with pytest.raises(FlagError) as raised:
        AppFlags.from_mapping({"config": "prd.json"}, folder=tmp_path)
    assert str(raised.value) == f"config: 'prd.json' cannot be read: No such file or directory ({tmp_path}/prd.json)"


@pytest.mark.parametrize("config", ["", " ", 7, ["a.json"], True])
def test_what_is_no_path_gets_one_line(config: Any) -> None:
    with pytest.raises(FlagError, match=r"^config: .* is not allowed; allowed is a file with a JSON object of flags$"):
        AppFlags.from_mapping({"config": config})


def test_config_is_offered_to_whoever_mistypes_it() -> None:
    with pytest.raises(FlagError, match=r"^confg: unknown flag; did you mean config\?$"):
        AppFlags.from_mapping({"confg": "prod.json"})
