"""CloudWatch's metric math, as far as alarms and dashboards here use it. What is not modelled is an error.

https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/using-metric-math.html
"""

import ast
import operator
from collections.abc import Callable, Mapping

from local.simulators.cloudwatch.metrics import CloudWatchError, Point

_OPERATORS: Mapping[type, Callable[[float, float], float]] = {
    ast.Add: operator.add,
    ast.Mult: operator.mul,
    ast.GtE: operator.ge,
    ast.Sub: operator.sub,
}


def value_of(expression: str, named: Mapping[str, Point], *, period: int) -> Point:
    """An expression of one period's points, by their ids. Where an operand has no data, the result has none.

    Raises CloudWatchError for what is not modelled, and for an id that is not there.
    """
    try:
        tree = ast.parse(expression, mode="eval").body
    except SyntaxError:
        raise CloudWatchError(f"not modelled in metric math: {expression}") from None
    return _value(tree, named, period)


def _value(node: ast.expr, named: Mapping[str, Point], period: int) -> Point:  # noqa: PLR0911 - a case a form
    match node:
        case ast.Constant(value=int() | float() as number):
            return float(number)
        case ast.Name(id=name) if name in named:
            return named[name]
        case ast.Call(func=ast.Name(id="FILL"), args=[series, filling]):
            value = _value(series, named, period)
            return _value(filling, named, period) if value is None else value
        case ast.Call(func=ast.Name(id="PERIOD"), args=[ast.Name(id=name)]) if name in named:
            return float(period)
        case ast.Call(func=ast.Name(id="IF"), args=[condition, then, otherwise]):
            asked = _value(condition, named, period)
            return None if asked is None else _value(then if asked else otherwise, named, period)
        case ast.BinOp(left=left, op=ast.Div(), right=right):
            above, below = _value(left, named, period), _value(right, named, period)
            return None if above is None or not below else above / below
        case ast.BinOp(left=left, op=sign, right=right) | ast.Compare(left=left, ops=[sign], comparators=[right]) if (
            type(sign) in _OPERATORS
        ):
            one, other = _value(left, named, period), _value(right, named, period)
            return None if one is None or other is None else float(_OPERATORS[type(sign)](one, other))
    raise CloudWatchError(f"not modelled in metric math: {ast.unparse(node)}")
