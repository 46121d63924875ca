"""A user's documents in DynamoDB. Every key is made here, in one place, of the verified caller's subject.

The table: partition key `user`, sort key `name`. Each user also has one item with the names of all his documents. Its
sort key is no name that a document can have. It bounds their number, and is what a list of them is read from.
https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/transaction-apis.html
"""

from __future__ import annotations

import re
import secrets
import time
from collections.abc import Callable
from typing import Any

from botocore.exceptions import ClientError

from sample_api.caller import Caller
from sample_api.messages import Refused

MAX_DOCUMENTS = 20
"""Of a user."""

PARTITION_KEY, SORT_KEY = "user", "name"
"""Of the table; the construct has the same, and a test compares them."""

# No path segment of dots alone: every client resolves it away before it calls.
_NAME = re.compile(r"(?!\.{1,2}$)[A-Za-z0-9_.-]{1,64}")
_NAMES_ITEM = "#names"

_ATTEMPTS = 6
_FIRST_PAUSE_SECONDS = 0.02

# Both words are reserved ones of DynamoDB's, so expressions name them by these.
_USER = {"#user": PARTITION_KEY}
_IS_THERE, _IS_NEW = "attribute_exists(#user)", "attribute_not_exists(#user)"

Item = dict[str, dict[str, Any]]


class Documents:
    """The documents of one caller, and of nobody else."""

    def __init__(
        self, dynamodb: Any, table: str, caller: Caller, *, sleep: Callable[[float], None] = time.sleep
    ) -> None:
        """`dynamodb`: boto3's client. `sleep`: how to wait, in seconds."""
        self._dynamodb = dynamodb
        self._table = table
        self._caller = caller
        self._sleep = sleep

    def names(self) -> list[str]:
        """The names of all his documents, sorted."""
        item = self._get(_NAMES_ITEM)
        return sorted(item["names"]["SS"]) if item else []

    def get(self, name: str) -> str:
        """A document's JSON, as it was put.

        Raises:
            Refused: 400 for what is no name, 404 where he has no document of that name.
        """
        item = self._get(_checked(name))
        if item is None:
            raise Refused(404, "There is no document of this name.")
        return str(item["document"]["S"])

    def put(self, name: str, text: str) -> bool:
        """Keep a document. Gives whether it is a new one; else it is in place of the one of that name.

        Both are safe to repeat. A new document and its name among the names are written together or not at all, so no
        two calls at the same time make one too many, and no failure leaves a name without its document.

        Raises:
            Refused: 400 for what is no name, 409 for one more than `MAX_DOCUMENTS`, 503 where too many calls of this
                user's went on at the same time.
        """
        item = self._key(_checked(name)) | {"document": {"S": text}}
        for attempt in range(_ATTEMPTS):
            if attempt:
                # At random, so that calls which were in each other's way do not meet again.
                self._sleep(_FIRST_PAUSE_SECONDS * 2**attempt * (1 + secrets.randbelow(1000) / 1000))
            if self._replaced(item):
                return False
            if self._created(item, name):
                return True
        raise Refused(503, "Too many changes at the same time. Try again.")

    def _replaced(self, item: Item) -> bool:
        """Write over what is there. False: there is none, or a transaction is about to change that."""
        try:
            self._dynamodb.put_item(
                TableName=self._table, Item=item, ConditionExpression=_IS_THERE, ExpressionAttributeNames=_USER
            )
        except ClientError as error:
            if error.response["Error"]["Code"] in ("ConditionalCheckFailedException", "TransactionConflictException"):
                return False
            raise
        return True

    def _created(self, item: Item, name: str) -> bool:
        """Write a new document and its name. False: somebody was faster, or is at it."""
        try:
            self._dynamodb.transact_write_items(
                TransactItems=[
                    {
                        "Put": {
                            "TableName": self._table,
                            "Item": item,
                            "ConditionExpression": _IS_NEW,
                            "ExpressionAttributeNames": _USER,
                        }
                    },
                    {
                        "Update": {
                            "TableName": self._table,
                            "Key": self._key(_NAMES_ITEM),
                            "UpdateExpression": "ADD #names :names",
                            "ConditionExpression": f"{_IS_NEW} OR size(#names) < :most",
                            "ExpressionAttributeNames": _USER | {"#names": "names"},
                            "ExpressionAttributeValues": {
                                ":names": {"SS": [name]},
                                ":most": {"N": str(MAX_DOCUMENTS)},
                            },
                        }
                    },
                ]
            )
        except ClientError as error:
            of_document, of_names = _reasons(error)
            if of_document == "ConditionalCheckFailed":
                return False
            if of_names == "ConditionalCheckFailed":
                raise Refused(409, f"No more than {MAX_DOCUMENTS} documents can be kept.") from None
            if {of_document, of_names} <= {"None", "TransactionConflict"}:
                return False
            raise
        return True

    def _get(self, sort: str) -> Item | None:
        found = self._dynamodb.get_item(TableName=self._table, Key=self._key(sort), ConsistentRead=True)
        item: Item | None = found.get("Item")
        return item

    def _key(self, sort: str) -> Item:
        return {PARTITION_KEY: {"S": self._caller.subject}, SORT_KEY: {"S": sort}}


def _checked(name: str) -> str:
    if _NAME.fullmatch(name) is None:
        raise Refused(400, "A document's name is 1 to 64 of A-Z, a-z, 0-9, _, - and the dot, and not one or two dots.")
    return name


def _reasons(error: ClientError) -> tuple[str, str]:
    """Why each of the two writes was not made; `None` in words for one that was not the cause."""
    reasons: Any = error.response.get("CancellationReasons")
    if error.response["Error"]["Code"] != "TransactionCanceledException" or not reasons or len(reasons) != 2:
        return "", ""
    first, second = (str(reason.get("Code", "None")) for reason in reasons)
    return first, second
