"""AWS's managed rule groups, set up for Cognito's JSON over POST.

Their rules block with a bare 403 that a browser reports as a failed fetch, so the rules known here are overridden to
block with our response. A rule that AWS adds later still blocks, with AWS's plain answer, until it is added here; a
name that a group does not have (any more) is ignored by AWS WAF (API reference, RuleActionOverride).

CAPTCHA and challenge actions answer with a page for people, which an SDK call cannot show: such rules count.

Rule names and capacities: https://docs.aws.amazon.com/waf/latest/developerguide/aws-managed-rule-groups-list.html
"""

from collections.abc import Sequence
from dataclasses import dataclass

from cognito_proxy.firewall._statements import Acl, Statement, all_of, calls_operation, method_is
from cognito_proxy.firewall.managed_groups import AccountCreationFraudPrevention, AccountTakeoverPrevention


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
