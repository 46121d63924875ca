"""The texts of the queries: files beside this module, with names in braces for what differs.

Plain functions without CDK, so that the command line can run the very texts that are deployed.
"""

import re
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path
from types import MappingProxyType

from cognito_proxy.common.property_error import PropertyError
from cognito_proxy.queries import function_lines

_HERE = Path(__file__).resolve().parent
_PLACEHOLDER = re.compile(r"\{([a-z_]+)\}")
_RULE_NAME = re.compile(r"[\w-]{1,128}", re.ASCII)

DEFAULT_RULE = "RateLimit"
"""The rule that a saved text asks for, until who runs it writes another."""

ATHENA_SOURCES = ("cloudfront", "waf", "cloudtrail")
"""The folders of `athena/`: what an Athena table can be made for."""

INSIGHTS_SOURCES = ("function", "access-log", "waf", "cloudtrail")
"""The folders of `insights/`: what a log group can hold."""

# An address in SQL: IPv4 becomes its /24, IPv6 its /64, whichever way it is spelled. Zeros before a group go, "::" is
# written out, and four groups stay. CloudFront's log has addresses such as 2001:0db8:85a3::8a2e:0370:7334.
# https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/standard-logs-reference.html
_SHORT_GROUPS = "regexp_replace(lower(address), '(^|:)0+([0-9a-f])', '$1$2')"
_WRITTEN_OUT = (
    f"replace({_SHORT_GROUPS}, '::', concat(substr(':0:0:0:0:0:0:0:0', 1, "
    "2 * (8 - cardinality(regexp_extract_all(lower(address), '[0-9a-f]+')))), ':'))"
)
_PREFIX_SQL = (
    "if(strpos(address, ':') = 0,\n"
    "    regexp_replace(address, '[.][0-9]+$', '.0/24'),\n"
    f"    concat(regexp_extract({_WRITTEN_OUT},\n"
    "      '[0-9a-f]+:[0-9a-f]+:[0-9a-f]+:[0-9a-f]+'), '::/64'))"
)

# The operation stands in a header, whose name comes in any case; AWS WAF logs headers, and never a body.
_OPERATION_SQL = (
    "regexp_extract(element_at(filter(httprequest.headers, h -> lower(h.name) = 'x-amz-target'), 1).value,\n"
    "    '^AWSCognitoIdentityProviderService[.]([A-Za-z]+)$', 1)"
)

# When something happened, and the folder of its day. A file stands under the day on which it was delivered, which for
# the last minutes of a day is the next one.
_TIME_SQL = MappingProxyType(
    {
        "cloudfront": """CAST(concat(CAST("date" AS varchar), ' ', "time", ' UTC') AS timestamp with time zone)""",
        "waf": """from_unixtime("timestamp" / 1000e0)""",
        "cloudtrail": "from_iso8601_timestamp(eventtime)",
    }
)
_DAYS_SQL = (
    "\"day\" BETWEEN date_format({since}, '%Y/%m/%d') AND date_format({until} + INTERVAL '1' DAY, '%Y/%m/%d')\n  AND "
)

_OPERATION_INSIGHTS = (
    r'/"name":\s*"[xX]-[aA][mM][zZ]-[tT][aA][rR][gG][eE][tT]",\s*'
    r'"value":\s*"AWSCognitoIdentityProviderService\.(?<operation>[A-Za-z]+)"/'
)
# Of IPv4 three numbers; of IPv6 four groups, or those before "::" where that stands among the first four. There is no
# look-ahead, because the engine is Hyperscan, which has none: https://intel.github.io/hyperscan/dev-reference/compilation.html
_PREFIX_INSIGHTS = r"/^(?<prefix>\d+\.\d+\.\d+|(?:[0-9a-fA-F]{1,4}:){4}|(?:[0-9a-fA-F]{1,4}:){1,3}:|::)/"
_RULE_IN_GROUP_INSIGHTS = r'/"terminatingRule":\s*\{\s*"ruleId":\s*"(?<ruleInGroup>[^"]+)"/'


def names(language: str, source: str) -> tuple[str, ...]:
    """The names of a source's queries, such as `sign-up-bursts`.

    Args:
        language: `athena` or `insights`.
        source: one of that language's sources.
    """
    return tuple(sorted(file.stem for file in (_HERE / language / source).iterdir() if file.suffix in (".sql", ".txt")))


def athena_query(
    source: str,
    name: str,
    *,
    since: datetime | None = None,
    until: datetime | None = None,
    rule: str = DEFAULT_RULE,
    by_day: bool = True,
) -> str:
    """A query in Athena's SQL.

    Args:
        source: one of `ATHENA_SOURCES`.
        name: one of `names("athena", source)`.
        since: the beginning of the window, with a time zone. Default: - an hour before the query runs.
        until: its end, which it does not include. Default: - when the query runs.
        rule: the firewall rule that `what-one-rule-blocked` asks for.
        by_day: whether the table has a folder for each day. Default: True.

    Raises:
        PropertyError: a time without a time zone, or a rule's name that AWS WAF would not take.
    """
    bounds = {
        "since": _instant(since) if since else "now() - INTERVAL '1' HOUR",
        "until": _instant(until) if until else "now()",
    }
    at = _TIME_SQL[source]
    window = (_DAYS_SQL if by_day else "") + f"{at} >= {{since}}\n  AND {at} < {{until}}"
    return _filled(
        _read("athena", source, name),
        {
            "window": _filled(window, bounds),
            "prefix": _PREFIX_SQL,
            "operation": _OPERATION_SQL,
            "rule": _rule(rule),
        },
    )


def insights_query(source: str, name: str, *, rule: str = DEFAULT_RULE, plain: bool = False) -> str:
    """A query in the language of CloudWatch Logs Insights; its window is given when it is run.

    Args:
        source: one of `INSIGHTS_SOURCES`.
        name: one of `names("insights", source)`.
        rule: the firewall rule that `what-one-rule-blocked` asks for.
        plain: whether the functions log usernames and addresses as they are; by default they log keyed hashes.

    Raises:
        PropertyError: a rule's name that AWS WAF would not take.
    """
    if source == "function":
        values: Mapping[str, str] = function_lines.PLAIN if plain else function_lines.HASHED
    else:
        values = {
            "operation": _OPERATION_INSIGHTS,
            "prefix": _PREFIX_INSIGHTS,
            "rule_in_group": _RULE_IN_GROUP_INSIGHTS,
            "rule": _rule(rule),
        }
    return _filled(_read("insights", source, name), values)


def description(text: str) -> str:
    """What a query is for: its first line, a comment."""
    return text.partition("\n")[0].lstrip("-# ")


def columns(table: str) -> tuple[tuple[str, str], ...]:
    """Name and Hive type of each column of a table, from its file in `tables/`."""
    lines = (_HERE / "tables" / f"{table}.columns").read_text(encoding="utf-8").splitlines()
    return tuple((name, kind) for name, _, kind in (line.partition(" ") for line in lines))


def _read(language: str, source: str, name: str) -> str:
    suffix = {"athena": "sql", "insights": "txt"}[language]
    return (_HERE / language / source / f"{name}.{suffix}").read_text(encoding="utf-8")


def _filled(text: str, values: Mapping[str, str]) -> str:
    """The text with its placeholders filled; what takes several lines is indented as the line that it stands in."""

    def filling(found: re.Match[str]) -> str:
        line = text[text.rfind("\n", 0, found.start()) + 1 : found.start()]
        return values[found[1]].replace("\n", "\n" + " " * (len(line) - len(line.lstrip())))

    return _PLACEHOLDER.sub(filling, text)


def _instant(moment: datetime) -> str:
    if moment.tzinfo is None:
        raise PropertyError(f"a window needs times with a time zone, not {moment}")
    return f"TIMESTAMP '{moment.astimezone(UTC):%Y-%m-%d %H:%M:%S.%f UTC}'"


def _rule(name: str) -> str:
    # It becomes part of a text in quotation marks.
    if not _RULE_NAME.fullmatch(name):
        raise PropertyError(f"rule must be letters, digits, - and _, up to 128, not {name!r}")
    return name
