"""A strict stand-in for the part of DynamoDB that counters use: one table, UpdateItem and BatchWriteItem.

An update's condition is checked and the update carried out under one lock, as DynamoDB does it. Expressions are parsed,
not recognized; what DynamoDB refuses is refused: an unknown table, a word that is reserved, a placeholder that is not
defined or not used, a number that is none. It reads the clock nowhere: what has expired stays, as with a time to live
that deletes late.

https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/Expressions.ConditionExpressions.html
"""

from __future__ import annotations

import re
from decimal import Decimal, InvalidOperation
from threading import Lock
from typing import Any

from tests.proxy.fake_service import Exchange, answer

Item = dict[str, dict[str, str]]

_TOKENS = re.compile(r"\s*(attribute_not_exists|attribute_exists|AND|OR|SET|<=|>=|<>|[<>=(),+-]|[#:]?\w+)")
_RESERVED = frozenset({"count", "key", "ttl", "until", "window", "limit"})
"""Those of DynamoDB's reserved words that one might use here; the list is longer."""


class Refused(Exception):
    """An error of DynamoDB's."""

    def __init__(self, error_type: str, item: Item | None = None) -> None:
        super().__init__(error_type)
        self.type = error_type
        self.item = item


class FakeTable:
    """The table. `behave` is the default behaviour of a FakeService."""

    def __init__(self, name: str) -> None:
        self.name = name
        self.items: dict[str, Item] = {}
        self.calls = 0
        self._lock = Lock()

    def behave(self, exchange: Exchange) -> bool:
        """Answer one request."""
        request = exchange.request
        assert request.header("content-type") == "application/x-amz-json-1.0"
        assert "dynamodb/aws4_request" in request.header("authorization")
        try:
            with self._lock:
                self.calls += 1
                document = self._do(request.header("x-amz-target"), request.document)
        except Refused as error:
            body: dict[str, Any] = {"__type": f"com.amazonaws.dynamodb.v20120810#{error.type}", "message": "No."}
            if error.item is not None:
                body["Item"] = error.item
            return answer(body, status=400)(exchange)
        return answer(document)(exchange)

    def _do(self, target: str, document: dict[str, Any]) -> dict[str, Any]:
        match target:
            case "DynamoDB_20120810.UpdateItem":
                return self._update_item(document)
            case "DynamoDB_20120810.BatchWriteItem":
                return self._batch_write_item(document)
        raise Refused("UnknownOperationException")

    def _batch_write_item(self, document: dict[str, Any]) -> dict[str, Any]:
        ((table, requests),) = document["RequestItems"].items()
        self._require_table(table)
        items = [request["PutRequest"]["Item"] for request in requests]
        keys = [item["key"]["S"] for item in items]
        if not 0 < len(items) <= 25 or len(set(keys)) < len(keys):
            raise Refused("ValidationException")
        for item in items:
            for member in item.values():
                _checked(member)
        self.items |= dict(zip(keys, items, strict=True))
        return {"UnprocessedItems": {}}

    def _update_item(self, document: dict[str, Any]) -> dict[str, Any]:
        self._require_table(document["TableName"])
        ((name, key),) = document["Key"].items()
        if name != "key":
            raise Refused("ValidationException")
        old = self.items.get(key["S"])
        expressions = _Expressions(document, old or {})
        if not expressions.condition():
            wanted = document.get("ReturnValuesOnConditionCheckFailure") == "ALL_OLD"
            raise Refused("ConditionalCheckFailedException", old if wanted else None)
        changed = expressions.update()
        expressions.require_all_used()
        self.items[key["S"]] = {"key": key, **(old or {}), **changed}
        return {}

    def _require_table(self, name: str) -> None:
        if name != self.name:
            raise Refused("ResourceNotFoundException")


class _Expressions:
    """The expressions of one UpdateItem, over the item as it was."""

    def __init__(self, document: dict[str, Any], item: Item) -> None:
        self._document = document
        self._item = item
        self._names = document.get("ExpressionAttributeNames", {})
        self._values = document.get("ExpressionAttributeValues", {})
        self._used: set[str] = set()
        self._tokens: list[str] = []

    def condition(self) -> bool:
        self._tokens = _tokens(self._document["ConditionExpression"])
        result = self._any()
        self._require_end()
        self._note_use(self._document["UpdateExpression"])
        return result

    def update(self) -> Item:
        self._tokens = _tokens(self._document["UpdateExpression"])
        self._take("SET")
        changed: Item = {}
        while True:
            name = self._name(self._next())
            self._take("=")
            value = self._operand()
            if self._tokens[:1] == ["+"]:
                self._take("+")
                value = self._sum(value, self._operand())
            if value is None:
                raise Refused("ValidationException")
            changed[name] = value
            if self._tokens[:1] != [","]:
                break
            self._take(",")
        self._require_end()
        return changed

    def require_all_used(self) -> None:
        if self._used != self._names.keys() | self._values.keys():
            raise Refused("ValidationException")

    def _any(self) -> bool:
        result = self._all()
        while self._tokens[:1] == ["OR"]:
            self._take("OR")
            result = self._all() or result
        return result

    def _all(self) -> bool:
        result = self._one()
        while self._tokens[:1] == ["AND"]:
            self._take("AND")
            result = self._one() and result
        return result

    def _one(self) -> bool:
        if self._tokens[:1] == ["("]:
            self._take("(")
            result = self._any()
            self._take(")")
            return result
        if self._tokens[0] in ("attribute_not_exists", "attribute_exists"):
            function = self._next()
            self._take("(")
            exists = self._name(self._next()) in self._item
            self._take(")")
            return exists == (function == "attribute_exists")
        left, operator, right = self._operand(), self._next(), self._operand()
        if left is None or right is None or left.keys() != right.keys():
            return False  # what is not there, or of another type, compares as nothing
        a, b = (Decimal(side["N"]) for side in (left, right))
        return {"<": a < b, "<=": a <= b, ">": a > b, ">=": a >= b, "=": a == b, "<>": a != b}[operator]

    def _operand(self) -> dict[str, str] | None:
        token = self._next()
        if token.startswith(":"):
            self._used.add(token)
            if token not in self._values:
                raise Refused("ValidationException")
            return _checked(self._values[token])
        return self._item.get(self._name(token))

    def _name(self, token: str) -> str:
        if token.startswith("#"):
            self._used.add(token)
            if token not in self._names:
                raise Refused("ValidationException")
            return str(self._names[token])
        if token.lower() in _RESERVED or not token.isidentifier():
            raise Refused("ValidationException")
        return token

    def _note_use(self, expression: str) -> None:
        self._used |= {token for token in _tokens(expression) if token[0] in "#:"}

    @staticmethod
    def _sum(left: dict[str, str] | None, right: dict[str, str] | None) -> dict[str, str]:
        if left is None or right is None:
            raise Refused("ValidationException")
        return {"N": str(Decimal(left["N"]) + Decimal(right["N"]))}

    def _next(self) -> str:
        if not self._tokens:
            raise Refused("ValidationException")
        return self._tokens.pop(0)

    def _take(self, token: str) -> None:
        if self._next() != token:
            raise Refused("ValidationException")

    def _require_end(self) -> None:
        if self._tokens:
            raise Refused("ValidationException")


def _tokens(expression: str) -> list[str]:
    tokens, position = [], 0
    while expression[position:].strip():
        found = _TOKENS.match(expression, position)
        if found is None:
            raise Refused("ValidationException")
        tokens.append(found[1])
        position = found.end()
    return tokens


def _checked(value: dict[str, str]) -> dict[str, str]:
    ((kind, content),) = value.items()
    if not isinstance(content, str):
        raise Refused("SerializationException")
    if kind == "N":
        try:
            Decimal(content)
        except InvalidOperation:
            raise Refused("ValidationException") from None
    return value
