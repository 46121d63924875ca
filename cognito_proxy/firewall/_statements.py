"""AWS WAF's statements, as few words as possible: what the rules in this package are made of."""

from collections.abc import Sequence

from aws_cdk import aws_wafv2 as wafv2

Acl = wafv2.CfnWebACL
Statement = wafv2.CfnWebACL.StatementProperty

_AS_IT_IS = [Acl.TextTransformationProperty(priority=0, type="NONE")]
# Header names are matched without regard to case by AWS WAF itself; values are not.
_LOWERCASE = [Acl.TextTransformationProperty(priority=0, type="LOWERCASE")]

TARGET_HEADER = "x-amz-target"


def all_of(statements: Sequence[Statement]) -> Statement:
    """Every one matches; AWS WAF wants at least two, so a single one stands for itself."""
    if len(statements) == 1:
        return statements[0]
    return Statement(and_statement=Acl.AndStatementProperty(statements=list(statements)))


def any_of(statements: Sequence[Statement]) -> Statement:
    """At least one matches; AWS WAF wants at least two, so a single one stands for itself."""
    if len(statements) == 1:
        return statements[0]
    return Statement(or_statement=Acl.OrStatementProperty(statements=list(statements)))


def none_of(statements: Sequence[Statement]) -> Statement:
    """None matches."""
    return Statement(not_statement=Acl.NotStatementProperty(statement=any_of(statements)))


def from_addresses(ip_sets: Sequence[wafv2.CfnIPSet]) -> Statement:
    """The peer's address is in one of the sets.

    Never an address out of X-Forwarded-For: AWS WAF takes the first one there, which is the caller's to choose.
    """
    return any_of(
        [
            Statement(ip_set_reference_statement=Acl.IPSetReferenceStatementProperty(arn=ip_set.attr_arn))
            for ip_set in ip_sets
        ]
    )


def method_is(method: str) -> Statement:
    """The request's method; methods are case-sensitive."""
    return _byte_match(Acl.FieldToMatchProperty(method={}), "EXACTLY", method, _AS_IT_IS)


def path_ends_with(ending: str) -> Statement:
    """The path's end; in front of API Gateway a path begins with the stage, by a name of one's own it does not."""
    return _byte_match(Acl.FieldToMatchProperty(uri_path={}), "ENDS_WITH", ending, _AS_IT_IS)


def calls_operation(operations: Sequence[str]) -> Statement:
    """`x-amz-target` names one of these Cognito operations, in any case and under any service prefix."""
    field = Acl.FieldToMatchProperty(single_header={"Name": TARGET_HEADER})
    return any_of([_byte_match(field, "ENDS_WITH", f".{name.lower()}", _LOWERCASE) for name in operations])


def path_contains(part: str) -> Statement:
    """The path has this in it, in any case and spelling. In front of an API it begins with the stage."""
    field = Acl.FieldToMatchProperty(uri_path={})
    decoded = [Acl.TextTransformationProperty(priority=0, type="URL_DECODE")]
    lowercase = [Acl.TextTransformationProperty(priority=1, type="LOWERCASE")]
    return _byte_match(field, "CONTAINS", part.lower(), decoded + lowercase)


def header_is(name: str, value: str) -> Statement:
    """A header has exactly this value."""
    return _byte_match(Acl.FieldToMatchProperty(single_header={"Name": name}), "EXACTLY", value, _AS_IT_IS)


def host_is_api_gateways() -> Statement:
    """The Host is an API's own name, `ID.execute-api.…`; not a name of one's own, nor what its DNS record leads to.

    That record leads to `d-….execute-api.…`, and no API's id has a hyphen.
    """
    host = Acl.FieldToMatchProperty(single_header={"Name": "host"})
    return all_of(
        [
            _byte_match(host, "CONTAINS", ".execute-api.", _LOWERCASE),
            none_of([_byte_match(host, "STARTS_WITH", "d-", _LOWERCASE)]),
        ]
    )


def header_is_one_of(name: str, values: Sequence[str]) -> Statement:
    """A header has one of these values, in any case."""
    field = Acl.FieldToMatchProperty(single_header={"Name": name})
    return any_of([_byte_match(field, "EXACTLY", value.lower(), _LOWERCASE) for value in values])


def has_header(name: str) -> Statement:
    """A header is there and not empty; a request without it never matches a size constraint."""
    return Statement(
        size_constraint_statement=Acl.SizeConstraintStatementProperty(
            field_to_match=Acl.FieldToMatchProperty(single_header={"Name": name}),
            comparison_operator="GT",
            size=0,
            text_transformations=_AS_IT_IS,
        )
    )


def body_larger_than(max_bytes: int) -> Statement:
    """The body has more bytes than this, or more than AWS WAF gets to see."""
    return Statement(
        size_constraint_statement=Acl.SizeConstraintStatementProperty(
            field_to_match=Acl.FieldToMatchProperty(body=Acl.BodyProperty(oversize_handling="MATCH")),
            comparison_operator="GT",
            size=max_bytes,
            text_transformations=_AS_IT_IS,
        )
    )


def body_has_one_of(pointer: str, values: Sequence[str]) -> Statement:
    """The body is JSON and has one of these texts at this pointer.

    What is no JSON, or larger than AWS WAF gets to see, does not match: say `none_of` of what is harmless, and never
    rely on this to find what is harmful, since nobody documents how AWS WAF reads every spelling of a text.
    """
    field = Acl.FieldToMatchProperty(
        json_body=Acl.JsonBodyProperty(
            match_pattern=Acl.JsonMatchPatternProperty(included_paths=[pointer]),
            match_scope="VALUE",
            invalid_fallback_behavior="NO_MATCH",
            oversize_handling="NO_MATCH",
        )
    )
    return any_of([_byte_match(field, "EXACTLY", value, _AS_IT_IS) for value in values])


def rate_above(limit: int, window_seconds: int, scope_down: Statement | None) -> Statement:
    """One address sends more of what `scope_down` matches than the limit within the window."""
    return Statement(
        rate_based_statement=Acl.RateBasedStatementProperty(
            aggregate_key_type="IP",
            limit=limit,
            evaluation_window_sec=window_seconds,
            scope_down_statement=scope_down,
        )
    )


def network_rate_above(limit: int, window_seconds: int, scope_down: Statement, *, one_client: bool) -> Statement:
    """One network (ASN), or one kind of TLS client (JA4) in it, sends more of what `scope_down` matches than that.

    Whose network AWS WAF does not know is of the one numbered 0 (Developer Guide, "Aggregating rate-based rules"). A
    request without a fingerprint is left to the rates without that key. Fingerprints are there in front of CloudFront
    and load balancers only (API reference, JA4Fingerprint).
    """
    custom_key = Acl.RateBasedStatementCustomKeyProperty
    fingerprint = Acl.RateLimitJA4FingerprintProperty(fallback_behavior="NO_MATCH")
    return Statement(
        rate_based_statement=Acl.RateBasedStatementProperty(
            aggregate_key_type="CUSTOM_KEYS",
            custom_keys=[custom_key(asn={}), *([custom_key(ja4_fingerprint=fingerprint)] if one_client else [])],
            limit=limit,
            evaluation_window_sec=window_seconds,
            scope_down_statement=scope_down,
        )
    )


def visible(metric_name: str) -> Acl.VisibilityConfigProperty:
    """A CloudWatch metric of this name, and samples of the requests in the console."""
    return Acl.VisibilityConfigProperty(
        cloud_watch_metrics_enabled=True, metric_name=metric_name, sampled_requests_enabled=True
    )


def _byte_match(
    field: Acl.FieldToMatchProperty, constraint: str, value: str, transformations: list[Acl.TextTransformationProperty]
) -> Statement:
    return Statement(
        byte_match_statement=Acl.ByteMatchStatementProperty(
            field_to_match=field,
            positional_constraint=constraint,
            search_string=value,
            text_transformations=transformations,
        )
    )
