"""For a shell with curl."""

from shlex import quote

from cognito_proxy.client_config.configuration import Configuration
from cognito_proxy.client_config.proxy import Proxy

# A function, since of several pasted lines `read` would take the next. The password goes through pipes alone: it is
# no argument, which `ps` shows, and no line of the shell's history. `read -s` is known to bash and zsh.
_SIGN_IN = r"""
sign_in() (
  printf 'User name: ' >&2; IFS= read -r name
  printf 'Password: ' >&2; IFS= read -rs password; echo >&2
  printf '%s\n' "$name" "$password" |
    jq --null-input --raw-input --arg client "$APP_CLIENT_ID" '[inputs] as [$name, $password] |
      {AuthFlow: "USER_PASSWORD_AUTH", ClientId: $client, AuthParameters: {USERNAME: $name, PASSWORD: $password}}' |
    curl --silent --show-error "$PROXY_ENDPOINT" --data @- \
      --header 'content-type: application/x-amz-json-1.1' \
      --header 'x-amz-target: AWSCognitoIdentityProviderService.InitiateAuth'
)
"""


def curl(proxy: Proxy) -> Configuration:
    """curl: two variables, and a function that signs in with a password. SRP is not for a shell."""
    # https://docs.aws.amazon.com/cognito-user-identity-pools/latest/APIReference/API_InitiateAuth.html
    return Configuration(
        text=f"PROXY_ENDPOINT={quote(proxy.endpoint)}\nAPP_CLIENT_ID={quote(proxy.client_id)}\n{_SIGN_IN}",
        remarks=(
            "for bash or zsh, with curl and jq: sign_in asks for name and password, and prints the tokens",
            "the app client must allow USER_PASSWORD_AUTH (flag auth_flows): SRP is not for a shell",
        ),
    )
