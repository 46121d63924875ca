// How each JavaScript client sends the token of a human check, and what it makes of the proxy's refusals.
//
// stdin: {endpoint, region, user_pool_id, client_id, password, tokens: {client: a good token}}.
// stdout: {client: [name of the error without a token, "ok" with one, name of the error with the same token again]}.

import { CognitoIdentityProviderClient, SignUpCommand } from "@aws-sdk/client-cognito-identity-provider";
import { CognitoUserPool } from "amazon-cognito-identity-js";
import { Amplify } from "aws-amplify";
import { signUp } from "aws-amplify/auth";
import { text } from "node:stream/consumers";

const { endpoint, region, user_pool_id, client_id, password, tokens } = JSON.parse(await text(process.stdin));

Amplify.configure({
  Auth: { Cognito: { userPoolId: user_pool_id, userPoolClientId: client_id, userPoolEndpoint: endpoint } },
});
const sdk = new CognitoIdentityProviderClient({ endpoint, region });
const pool = new CognitoUserPool({ UserPoolId: user_pool_id, ClientId: client_id, endpoint });

const metadata = (token) => token && { humanCheckToken: token };

const CLIENTS = {
  amplify: (username, token) => signUp({ username, password, options: { clientMetadata: metadata(token) } }),
  sdk_v3: (username, token) =>
    sdk.send(
      new SignUpCommand({ ClientId: client_id, Username: username, Password: password, ClientMetadata: metadata(token) }),
    ),
  identity_js: (username, token) =>
    new Promise((resolve, reject) =>
      pool.signUp(username, password, [], [], (error, result) => (error ? reject(error) : resolve(result)), metadata(token)),
    ),
};

const told = {};
for (const [client, call] of Object.entries(CLIENTS)) {
  const tries = [undefined, tokens[client], tokens[client]];
  told[client] = [];
  for (const [number, token] of tries.entries()) {
    const said = await call(`${client}-${number}`, token).then(() => "ok", (error) => error.name);
    told[client].push(said);
  }
}
process.stdout.write(JSON.stringify(told));
