"""The entries in DynamoDB: partition key `ip_set` (the IP set's id), sort key `address`."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from botocore.exceptions import ClientError

from .entries import Entry, State
from .table_layout import PARTITION_KEY, SORT_KEY

_TEXTS = ("address", "state", "version", "added_by", "note")
_NUMBERS = ("changed_at", "added_at", "expires_at")
_NO_ENTRY = {
    "ConditionExpression": "attribute_not_exists(#address)",
    "ExpressionAttributeNames": {"#address": SORT_KEY},
}


@dataclass(frozen=True, slots=True, kw_only=True)
class EntryTable:
    """The entries of one IP set; `client` is boto3's for `dynamodb` in the table's Region."""

    client: Any
    table_name: str
    ip_set_id: str

    def get(self, address: str) -> Entry | None:
        """The entry of an address as it is now."""
        answer = self.client.get_item(TableName=self.table_name, Key=self._key(address), ConsistentRead=True)
        return _entry(answer["Item"]) if "Item" in answer else None

    def all(self) -> Sequence[Entry]:
        """All entries; each is at least as new as the call."""
        pages = self.client.get_paginator("query").paginate(
            TableName=self.table_name,
            ConsistentRead=True,
            KeyConditionExpression="#ip_set = :ip_set",
            ExpressionAttributeNames={"#ip_set": PARTITION_KEY},
            ExpressionAttributeValues={":ip_set": {"S": self.ip_set_id}},
        )
        return [_entry(item) for page in pages for item in page["Items"]]

    def put(self, entry: Entry, *, instead_of: Entry | None) -> bool:
        """Write an entry if the one in its place still is `instead_of` (None: there is none). True: written."""
        item = _item(entry) | self._key(entry.address)
        return _if_unchanged(self.client.put_item, instead_of, TableName=self.table_name, Item=item)

    def delete(self, entry: Entry) -> bool:
        """Delete an entry if it still is that version. True: deleted."""
        return _if_unchanged(self.client.delete_item, entry, TableName=self.table_name, Key=self._key(entry.address))

    def _key(self, address: str) -> dict[str, Any]:
        return {PARTITION_KEY: {"S": self.ip_set_id}, SORT_KEY: {"S": address}}


def _if_unchanged(write: Any, known: Entry | None, **arguments: Any) -> bool:
    condition = (
        _NO_ENTRY
        if known is None
        else {
            "ConditionExpression": "#version = :version",
            "ExpressionAttributeNames": {"#version": "version"},
            "ExpressionAttributeValues": {":version": {"S": known.version}},
        }
    )
    try:
        write(**arguments, **condition)
    except ClientError as error:
        if error.response.get("Error", {}).get("Code") == "ConditionalCheckFailedException":
            return False
        raise
    return True


def _item(entry: Entry) -> dict[str, Any]:
    texts = {name: {"S": str(getattr(entry, name))} for name in _TEXTS if getattr(entry, name)}
    numbers = {name: {"N": str(getattr(entry, name))} for name in _NUMBERS if getattr(entry, name) is not None}
    return texts | numbers


def _entry(item: Mapping[str, Any]) -> Entry:
    values: dict[str, Any] = {name: item[name]["S"] for name in _TEXTS if name in item}
    values |= {name: int(item[name]["N"]) for name in _NUMBERS if name in item}
    return Entry(**values | {"state": State(values["state"])})
