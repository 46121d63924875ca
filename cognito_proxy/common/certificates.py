"""Where a certificate must be."""

from aws_cdk import ArnFormat, Stack, Token
from aws_cdk import aws_certificatemanager as acm
from constructs import IConstruct

from cognito_proxy.common.property_error import PropertyError


def require_certificate_in(scope: IConstruct, name: str, certificate: acm.ICertificate, region: str) -> None:
    """Refuse a certificate that is known to be in another Region; `name` is the property that it stands in.

    Raises:
        PropertyError: it is.
    """
    arn = certificate.certificate_arn
    if Token.is_unresolved(arn) or Token.is_unresolved(region):
        return
    found = Stack.of(scope).split_arn(arn, ArnFormat.SLASH_RESOURCE_NAME).region
    if found is not None and not Token.is_unresolved(found) and found != region:
        raise PropertyError(f"{name}: its certificate must be in {region}, not in {found}: {arn}")
