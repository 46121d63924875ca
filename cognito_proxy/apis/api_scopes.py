"""The scopes of an API, which the user pool's OAuth 2.0 server gives out."""

import re
from collections.abc import Mapping

from aws_cdk import aws_cognito as cognito
from constructs import Construct

from cognito_proxy.common.property_error import PropertyError

# API reference, ResourceServerIdentifierType and ResourceServerScopeNameType.
_IDENTIFIER = re.compile(r"[\x21\x23-\x5B\x5D-\x7E]{1,256}")
_NAME = re.compile(r"[\x21\x23-\x2E\x30-\x5B\x5D-\x7E]{1,256}")
_MAX_SCOPES = 100


class ApiScopes(Construct):
    """A resource server of the user pool: an API by its identifier, and its scopes.

    In a token a scope is `identifier/name`. App clients are given some of them (`CodeGrantClient`, `MachineClient`),
    and routes ask for some (`ApiRoute`).
    """

    identifier: str
    """The API's name in scopes."""

    resource_server: cognito.CfnUserPoolResourceServer
    """The resource server in Cognito."""

    def __init__(
        self,
        scope: Construct,
        construct_id: str,
        *,
        user_pool: cognito.IUserPool,
        identifier: str,
        scopes: Mapping[str, str],
    ) -> None:
        """Make the resource server.

        Args:
            scope: The parent; its stack is in the user pool's Region.
            construct_id: Id within `scope`.
            user_pool: Whose OAuth 2.0 server gives the scopes out.
            identifier: Different from that of the pool's other resource servers; 1 to 256 characters, such as
                `documents` or the API's URL. Another one makes tokens that are out there useless.
            scopes: Names, such as `documents.read`, each with a sentence about what it allows; 1 to 100.

        Raises:
            PropertyError: the identifier or a name has other characters, or there are none or too many scopes.
        """
        super().__init__(scope, construct_id)
        if _IDENTIFIER.fullmatch(identifier) is None:
            raise PropertyError(
                f"identifier must be 1 to 256 characters without space, quote or backslash, not {identifier!r}"
            )
        if not 1 <= len(scopes) <= _MAX_SCOPES:
            raise PropertyError(f"scopes must be from 1 to {_MAX_SCOPES}, not {len(scopes)}")
        for name in scopes:
            if _NAME.fullmatch(name) is None:
                raise PropertyError(
                    f"scopes: {name!r} is not a name; it has 1 to 256 characters without space, quote, / and backslash"
                )
        self.identifier = identifier
        self._names = frozenset(scopes)
        self.resource_server = cognito.CfnUserPoolResourceServer(
            self,
            "Resource",
            user_pool_id=user_pool.user_pool_id,
            identifier=identifier,
            name=identifier,
            scopes=[
                cognito.CfnUserPoolResourceServer.ResourceServerScopeTypeProperty(
                    scope_name=name, scope_description=description
                )
                for name, description in scopes.items()
            ],
        )

    def named(self, name: str) -> str:
        """The scope as it stands in a token, `identifier/name`.

        Raises:
            PropertyError: the API has no such scope.
        """
        if name not in self._names:
            raise PropertyError(f"name must be one of {', '.join(sorted(self._names))}, not {name!r}")
        return f"{self.identifier}/{name}"
