"""The table in memory: the three calls that the function makes, with the conditions that it sets, and no others.

tests/sample_api/test_with_the_emulator.py holds the same calls against an emulator of DynamoDB.
"""

from collections.abc import Callable
from typing import Any

from botocore.exceptions import ClientError

Item = dict[str, Any]


class MemoryTable:
    """Stands for boto3's client. `keys` holds the key of every item that was asked for or written, in order."""

    def __init__(self) -> None:
        self.items: dict[tuple[str, str], Item] = {}
        self.keys: list[tuple[str, str]] = []
        self.before: list[Callable[[str], None]] = []
        """What happens before the next calls, each once: it is given the operation, and may raise."""

    def get_item(self, *, TableName: str, Key: Item, ConsistentRead: bool) -> Item:  # noqa: N803 - AWS's names
        self._called("GetItem", TableName)
        assert ConsistentRead
        found = self.items.get(self._key(Key))
        return {"Item": found} if found else {}

    def put_item(self, *, TableName: str, Item: Item, **condition: Any) -> None:  # noqa: N803
        self._called("PutItem", TableName)
        key = self._key(Item)
        if not _holds(condition, self.items.get(key)):
            raise error("PutItem", "ConditionalCheckFailedException")
        self.items[key] = Item

    def transact_write_items(self, *, TransactItems: list[dict[str, Any]]) -> None:  # noqa: N803
        put, update = TransactItems[0]["Put"], TransactItems[1]["Update"]
        self._called("TransactWriteItems", put["TableName"])
        assert put["TableName"] == update["TableName"]
        put_key, update_key = self._key(put["Item"]), self._key(update["Key"])
        reasons = [
            {"Code": "None" if _holds(each, self.items.get(key)) else "ConditionalCheckFailed"}
            for each, key in ((put, put_key), (update, update_key))
        ]
        if {"Code": "ConditionalCheckFailed"} in reasons:
            raise cancelled(*(reason["Code"] for reason in reasons))
        assert update["UpdateExpression"] == "ADD #names :names"
        name = update["ExpressionAttributeNames"]["#names"]
        before = self.items.get(update_key, {}).get(name, {"SS": []})["SS"]
        added = update["ExpressionAttributeValues"][":names"]["SS"]
        self.items[put_key] = put["Item"]
        self.items[update_key] = update["Key"] | {name: {"SS": sorted({*before, *added})}}

    def _called(self, operation: str, table: str) -> None:
        assert table == "documents"
        if self.before:
            self.before.pop(0)(operation)

    def _key(self, item: Item) -> tuple[str, str]:
        key = item["user"]["S"], item["name"]["S"]
        self.keys.append(key)
        return key


def error(operation: str, code: str, **more: Any) -> ClientError:
    """What boto3 raises; the message holds what nobody may see."""
    return ClientError({"Error": {"Code": code, "Message": "sentinel-of-an-aws-message"}, **more}, operation)  # type: ignore[arg-type]


def cancelled(*codes: str) -> ClientError:
    """A transaction that was cancelled for these reasons."""
    return error("TransactWriteItems", "TransactionCanceledException", CancellationReasons=[{"Code": c} for c in codes])


def raising(failure: Exception) -> Callable[[str], None]:
    """For `before`."""

    def fail(_operation: str) -> None:
        raise failure

    return fail


def _holds(condition: dict[str, Any], item: Item | None) -> bool:
    assert condition["ExpressionAttributeNames"]["#user"] == "user"
    match condition["ConditionExpression"]:
        case "attribute_exists(#user)":
            return item is not None
        case "attribute_not_exists(#user)":
            return item is None
        case "attribute_not_exists(#user) OR size(#names) < :most":
            most = int(condition["ExpressionAttributeValues"][":most"]["N"])
            return item is None or len(item[condition["ExpressionAttributeNames"]["#names"]]["SS"]) < most
        case unknown:
            raise AssertionError(unknown)
