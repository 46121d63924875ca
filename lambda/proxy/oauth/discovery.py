"""What a library is told of the endpoints: those of the proxy, with the issuer that stands in the tokens.

OpenID Connect Discovery 1.0, section 3, and RFC 8414, section 2. The tokens are Cognito's, and so is `issuer`; it is
another host than this document's, which a library that follows section 4.3 to the letter has to be told
(docs/oauth.md).
"""

from __future__ import annotations

import json

from proxy.settings import Settings


def issuer_of(settings: Settings) -> str:
    """What `iss` is in the pool's tokens.

    https://docs.aws.amazon.com/cognito/latest/developerguide/amazon-cognito-user-pools-using-the-id-token.html
    """
    region = settings.user_pool_id.partition("_")[0]
    suffix = "amazonaws.com.cn" if region.startswith("cn-") else "amazonaws.com"
    return f"https://cognito-idp.{region}.{suffix}/{settings.user_pool_id}"


def discovery_document(base: str, settings: Settings) -> bytes:
    """The document. `base` is the proxy's endpoint, without a slash at its end."""
    return json.dumps(
        {
            "issuer": issuer_of(settings),
            "authorization_endpoint": f"{base}/oauth2/authorize",
            "token_endpoint": f"{base}/oauth2/token",
            "revocation_endpoint": f"{base}/oauth2/revoke",
            "userinfo_endpoint": f"{base}/oauth2/userInfo",
            "end_session_endpoint": f"{base}/logout",
            "jwks_uri": f"{base}/.well-known/jwks.json",
            "response_types_supported": ["code"],
            "response_modes_supported": ["query"],
            "grant_types_supported": ["authorization_code", "refresh_token"],
            "code_challenge_methods_supported": ["S256"],
            # The proxy authenticates; whoever calls it is a public client.
            "token_endpoint_auth_methods_supported": ["none"],
            "revocation_endpoint_auth_methods_supported": ["none"],
            "subject_types_supported": ["public"],
            "id_token_signing_alg_values_supported": ["RS256"],
            "scopes_supported": ["openid", "email", "phone", "profile"],
            "request_parameter_supported": False,
            "request_uri_parameter_supported": False,
        }
    ).encode("ascii")
