"""AWS's managed rule groups, set up for Cognito's JSON over POST.

Their rules block with a bare 403 that a browser reports as a failed fetch, so the rules known here are overridden to
block with our response. A rule that AWS adds later still blocks, with AWS's plain answer, until it is added here; a
name that a group does not have (any more) is ignored by AWS WAF (API reference, RuleActionOverride).

CAPTCHA and challenge actions answer with a page for people, which an SDK call cannot show: such rules count.

Rule names and capacities: https://docs.aws.amazon.com/waf/latest/developerguide/aws-managed-rule-groups-list.html
"""

from collections.abc import Sequence
from dataclasses import dataclass

from aws_cdk import Token

from cognito_proxy.common.property_error import PropertyError
from cognito_proxy.firewall._statements import Acl, Statement, all_of, calls_operation, method_is

ROOT = "/"
"""What every path begins with."""

_MAX_PATH = 256
_MAX_POINTER = 512


@dataclass(frozen=True, kw_only=True)
class AccountTakeoverPrevention:
    """AWS WAF Fraud Control account takeover prevention (ATP), for InitiateAuth. Charged by request.

    It understands calls that carry a password (USER_PASSWORD_AUTH). SRP sends none: such calls trip
    SignalMissingCredential, which therefore counts. UnsupportedCognitoIDP, which is meant for user pools themselves,
    counts, too. With a CLOUDFRONT web ACL it also watches the answers (200 good, 400 failed). Its rule VolumetricIpHigh
    blocks an address after 20 sign-in calls in ten minutes, SRP's included: count first behind shared addresses.

    Raises:
        PropertyError: `login_path` is empty, does not begin with a slash or has more than 256 characters.
    """

    login_path: str = ROOT
    """The beginning of the path that sign-in calls are sent to. AWS WAF compares it letter by letter, and API Gateway
    takes `POST /prod` where `/prod/` is meant: whoever leaves out the slash is not looked at. `/` is the beginning of
    every path, and `x-amz-target` picks out the calls already. Anything longer warns. Default: `/`."""

    def __post_init__(self) -> None:
        _check_path("login_path", self.login_path)


@dataclass(frozen=True, kw_only=True)
class AccountCreationFraudPrevention:
    """AWS WAF Fraud Control account creation fraud prevention (ACFP), for SignUp. Charged by request.

    Rules that answer with a CAPTCHA or a challenge count, and so does UnsupportedCognitoIDP, which is meant for user
    pools themselves. With a CLOUDFRONT web ACL it also watches the answers (200 good, 400 failed).

    Raises:
        PropertyError: `creation_path` is empty, does not begin with a slash or has more than 256 characters; a pointer
            does not begin with a slash.
    """

    creation_path: str = ROOT
    """The beginning of the path that sign-ups are sent to; see `AccountTakeoverPrevention.login_path`. Default: `/`."""

    email_pointer: str | None = None
    """JSON pointer to the e-mail address in SignUp's body, for example `/UserAttributes/0/Value` when the app always
    sends it as the first attribute. Default: - not inspected (`/Username` always is)."""

    phone_pointer: str | None = None
    """JSON pointer to the phone number. Default: - not inspected."""

    def __post_init__(self) -> None:
        _check_path("creation_path", self.creation_path)
        for name, pointer in (("email_pointer", self.email_pointer), ("phone_pointer", self.phone_pointer)):
            if pointer is not None:
                _check_slash(name, pointer, _MAX_POINTER, "a JSON pointer such as /UserAttributes/0/Value")


@dataclass(frozen=True, kw_only=True)
class ManagedGroups:
    """Which of AWS's managed rule groups stand behind our own rules. They look at POST requests only.

    Raises:
        PropertyError: anonymous addresses are to be blocked without the group that finds them.
    """

    ip_reputation: bool = True
    """Addresses that AWS has seen attacking (AWSManagedRulesAmazonIpReputationList). Default: True."""

    anonymous_ip: bool = True
    """Tor, VPNs, proxies and hosting providers (AWSManagedRulesAnonymousIpList). It counts, unless
    `block_anonymous_ip`. Default: True."""

    block_anonymous_ip: bool = False
    """Block what `anonymous_ip` counts. Among those are bots, but also your own users behind a VPN, be it their own or
    their employer's, and callers on servers, such as your backend or tests in a cloud. Whether to turn those away is
    your decision: look at the rule's metric and log first, and put servers of your own on the allow list. Until then
    the rates hold for bots on servers as for everybody. Default: False."""

    known_bad_inputs: bool = True
    """Requests that exploit known holes (AWSManagedRulesKnownBadInputsRuleSet). Default: True."""

    bot_control: bool = False
    """Bots that give themselves away (AWSManagedRulesBotControlRuleSet, inspection level COMMON); charged by request.
    Mobile apps and SDKs are no browsers, so CategoryHttpLibrary and SignalNonBrowserUserAgent count. Default: False."""

    account_takeover: AccountTakeoverPrevention | None = None
    """Default: - off."""

    account_creation: AccountCreationFraudPrevention | None = None
    """Default: - off."""

    def __post_init__(self) -> None:
        if self.block_anonymous_ip and not self.anonymous_ip:
            raise PropertyError("block_anonymous_ip: True needs anonymous_ip, the group that finds them")


@dataclass(frozen=True, kw_only=True)
class ManagedGroup:
    """A managed rule group, and which of its rules block with our response and which only count."""

    name: str
    blocking: tuple[str, ...]
    counting: tuple[str, ...] = ()


IP_REPUTATION = ManagedGroup(
    name="AWSManagedRulesAmazonIpReputationList",
    # AWSManagedIPDDoSList counts by AWS's own choice and is left to it.
    blocking=("AWSManagedIPReputationList", "AWSManagedReconnaissanceList"),
)
ANONYMOUS_IP = ManagedGroup(
    name="AWSManagedRulesAnonymousIpList", blocking=("AnonymousIPList", "HostingProviderIPList")
)
KNOWN_BAD_INPUTS = ManagedGroup(
    name="AWSManagedRulesKnownBadInputsRuleSet",
    blocking=(
        "JavaDeserializationRCE_HEADER",
        "JavaDeserializationRCE_BODY",
        "JavaDeserializationRCE_URIPATH",
        "JavaDeserializationRCE_QUERYSTRING",
        "Host_localhost_HEADER",
        "PROPFIND_METHOD",
        "ExploitablePaths_URIPATH",
        "Log4JRCE_HEADER",
        "Log4JRCE_QUERYSTRING",
        "Log4JRCE_BODY",
        "Log4JRCE_URIPATH",
        "ReactJSRCE_BODY",
    ),
)
BOT_CONTROL = ManagedGroup(
    name="AWSManagedRulesBotControlRuleSet",
    blocking=(
        "CategoryAdvertising",
        "CategoryArchiver",
        "CategoryContentFetcher",
        "CategoryEmailClient",
        "CategoryLinkChecker",
        "CategoryMiscellaneous",
        "CategoryMonitoring",
        "CategoryPagePreview",
        "CategoryScrapingFramework",
        "CategorySearchEngine",
        "CategorySecurity",
        "CategorySeo",
        "CategorySocialMedia",
        "CategoryWebhooks",
        "CategoryAI",
        "SignalAutomatedBrowser",
        "SignalKnownBotDataCenter",
    ),
    counting=("CategoryHttpLibrary", "SignalNonBrowserUserAgent"),
)
ACCOUNT_TAKEOVER = ManagedGroup(
    name="AWSManagedRulesATPRuleSet",
    blocking=(
        "VolumetricIpHigh",
        "VolumetricSession",
        "AttributeCompromisedCredentials",
        "AttributeUsernameTraversal",
        "AttributePasswordTraversal",
        "AttributeLongSession",
        "TokenRejected",
        "VolumetricIpFailedLoginResponseHigh",
        "VolumetricSessionFailedLoginResponseHigh",
    ),
    counting=("UnsupportedCognitoIDP", "SignalMissingCredential"),
)
ACCOUNT_CREATION = ManagedGroup(
    name="AWSManagedRulesACFPRuleSet",
    blocking=(
        "RiskScoreHigh",
        "SignalCredentialCompromised",
        "AutomatedBrowser",
        "VolumetricSessionHigh",
        "AttributeUsernameTraversalHigh",
        "VolumetricPhoneNumberHigh",
        "VolumetricAddressHigh",
        "VolumetricIPSuccessfulResponse",
        "VolumetricSessionSuccessfulResponse",
        "VolumetricSessionTokenReuseIp",
    ),
    counting=(
        "UnsupportedCognitoIDP",
        "AllRequests",
        "SignalClientHumanInteractivityAbsentLow",
        "BrowserInconsistency",
        "VolumetricIpHigh",
        "VolumetricAddressLow",
    ),
)


def managed_group(
    group: ManagedGroup,
    block: Acl.BlockActionProperty,
    *,
    config: Acl.ManagedRuleGroupConfigProperty | None = None,
    operations: Sequence[str] = (),
) -> Statement:
    """A managed rule group that sees POST requests, only of `operations` if there are any, and blocks with `block`."""
    scope = [method_is("POST"), *([calls_operation(operations)] if operations else [])]
    actions = dict.fromkeys(group.blocking, Acl.RuleActionProperty(block=block))
    actions |= dict.fromkeys(group.counting, Acl.RuleActionProperty(count=Acl.CountActionProperty()))
    return Statement(
        managed_rule_group_statement=Acl.ManagedRuleGroupStatementProperty(
            vendor_name="AWS",
            name=group.name,
            managed_rule_group_configs=[config] if config else None,
            rule_action_overrides=[
                Acl.RuleActionOverrideProperty(name=name, action_to_use=action) for name, action in actions.items()
            ],
            scope_down_statement=all_of(scope),
        )
    )


def bot_control_config() -> Acl.ManagedRuleGroupConfigProperty:
    """The common inspection level: the targeted one needs tokens of AWS WAF's client integration in every call."""
    return Acl.ManagedRuleGroupConfigProperty(
        aws_managed_rules_bot_control_rule_set=Acl.AWSManagedRulesBotControlRuleSetProperty(inspection_level="COMMON")
    )


def takeover_config(
    settings: AccountTakeoverPrevention, *, inspects_responses: bool
) -> Acl.ManagedRuleGroupConfigProperty:
    """Where InitiateAuth has the user's name and password."""
    return Acl.ManagedRuleGroupConfigProperty(
        aws_managed_rules_atp_rule_set=Acl.AWSManagedRulesATPRuleSetProperty(
            login_path=settings.login_path,
            request_inspection=Acl.RequestInspectionProperty(
                payload_type="JSON",
                username_field=_field("/AuthParameters/USERNAME"),
                password_field=_field("/AuthParameters/PASSWORD"),
            ),
            response_inspection=_status_codes() if inspects_responses else None,
        )
    )


def creation_config(
    settings: AccountCreationFraudPrevention, *, inspects_responses: bool
) -> Acl.ManagedRuleGroupConfigProperty:
    """Where SignUp has what it says about the user. There is no registration page here; AWS WAF wants a path anyway."""
    return Acl.ManagedRuleGroupConfigProperty(
        aws_managed_rules_acfp_rule_set=Acl.AWSManagedRulesACFPRuleSetProperty(
            creation_path=settings.creation_path,
            registration_page_path=settings.creation_path,
            request_inspection=Acl.RequestInspectionACFPProperty(
                payload_type="JSON",
                username_field=_field("/Username"),
                password_field=_field("/Password"),
                email_field=_field(settings.email_pointer) if settings.email_pointer else None,
                phone_number_fields=[_field(settings.phone_pointer)] if settings.phone_pointer else None,
            ),
            response_inspection=_status_codes() if inspects_responses else None,
        )
    )


def _field(pointer: str) -> Acl.FieldIdentifierProperty:
    return Acl.FieldIdentifierProperty(identifier=pointer)


def _status_codes() -> Acl.ResponseInspectionProperty:
    return Acl.ResponseInspectionProperty(
        status_code=Acl.ResponseInspectionStatusCodeProperty(success_codes=[200], failure_codes=[400])
    )


def _check_path(name: str, path: str) -> None:
    _check_slash(name, path, _MAX_PATH, 'the beginning of a URL path such as "/"')


def _check_slash(name: str, value: str, longest: int, allowed: str) -> None:
    if not Token.is_unresolved(value) and not (value.startswith("/") and len(value) <= longest):
        raise PropertyError(f"{name}: {value!r}; give {allowed}, at most {longest} characters")
