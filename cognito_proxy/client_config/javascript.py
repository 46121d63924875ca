"""For JavaScript. All three take a URL, its path included."""

import json

from cognito_proxy.client_config.configuration import Configuration
from cognito_proxy.client_config.proxy import Proxy


def amplify_js(proxy: Proxy) -> Configuration:
    """aws-amplify v6: `userPoolEndpoint`, which becomes a URL as it stands.

    Its file `amplify_outputs.json` has no key for an endpoint (the schema's `auth` allows no further properties).
    """
    # https://github.com/aws-amplify/amplify-js/blob/main/packages/core/src/singleton/Auth/types.ts
    # https://github.com/aws-amplify/amplify-js/blob/main/packages/auth/src/providers/cognito/factories/createCognitoUserPoolEndpointResolver.ts
    # https://github.com/aws-amplify/amplify-backend/blob/main/packages/client-config/src/client-config-schema/schema_v1.4.json
    text = f"""\
import {{ Amplify }} from "aws-amplify";

Amplify.configure({{
  Auth: {{
    Cognito: {{
      userPoolId: {_text(proxy.user_pool_id)},
      userPoolClientId: {_text(proxy.client_id)},
      userPoolEndpoint: {_text(proxy.endpoint)},
    }},
  }},
}});
"""
    remarks = (
        "amplify_outputs.json has no key for an endpoint: call Amplify.configure with this instead",
        "Amplify warns on the console that it uses a custom endpoint; that is as it should be",
    )
    return Configuration(text=text, remarks=remarks)


def identity_js(proxy: Proxy) -> Configuration:
    """amazon-cognito-identity-js: `endpoint`, which is fetched as it stands."""
    # https://app.unpkg.com/amazon-cognito-identity-js@6.3.21/files/src/Client.js
    return Configuration(
        text=f"""\
import {{ CognitoUserPool }} from "amazon-cognito-identity-js";

export const userPool = new CognitoUserPool({{
  UserPoolId: {_text(proxy.user_pool_id)},
  ClientId: {_text(proxy.client_id)},
  endpoint: {_text(proxy.endpoint)},
}});
"""
    )


def aws_sdk_js(proxy: Proxy) -> Configuration:
    """The AWS SDK for JavaScript v3: `endpoint`. What an app calls through the proxy is never signed."""
    # https://app.unpkg.com/@smithy/middleware-endpoint@4.4.1/files/dist-cjs/index.js
    text = f"""\
import {{ CognitoIdentityProviderClient }} from "@aws-sdk/client-cognito-identity-provider";

export const clientId = {_text(proxy.client_id)};

export const cognito = new CognitoIdentityProviderClient({{
  region: {_text(proxy.region)},
  endpoint: {_text(proxy.endpoint)},
}});
"""
    return Configuration(
        text=text, remarks=("each command takes it: new InitiateAuthCommand({ ClientId: clientId, … })",)
    )


def _text(value: str) -> str:
    """A string literal of JavaScript."""
    return json.dumps(value)
