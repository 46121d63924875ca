"""Which of AWS's managed rule groups stand behind our own rules, and with what settings."""

from dataclasses import dataclass

from aws_cdk import Token

from cognito_proxy.common.property_error import PropertyError

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


def _check_path(name: str, path: str) -> None:
    _check_slash(name, path, _MAX_PATH, 'the beginning of a URL path such as "/"')


def _check_slash(name: str, value: str, longest: int, allowed: str) -> None:
    if not Token.is_unresolved(value) and not (value.startswith("/") and len(value) <= longest):
        raise PropertyError(f"{name}: {value!r}; give {allowed}, at most {longest} characters")
