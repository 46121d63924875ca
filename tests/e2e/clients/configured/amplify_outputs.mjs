// What Amplify makes of an endpoint in amplify_outputs.json, and of one in Amplify.configure.

import { parseAmplifyConfig } from "aws-amplify/utils";

const endpoint = "https://auth.example.com/";
const outputs = {
  version: "1.4",
  auth: {
    aws_region: "eu-west-1",
    user_pool_id: "eu-west-1_AbCdEf123",
    user_pool_client_id: "1a2b3c",
    user_pool_endpoint: endpoint,
    userPoolEndpoint: endpoint,
  },
};
const Cognito = { userPoolId: "eu-west-1_AbCdEf123", userPoolClientId: "1a2b3c", userPoolEndpoint: endpoint };
const endpointOf = (config) => parseAmplifyConfig(config).Auth.Cognito.userPoolEndpoint ?? null;
process.stdout.write(JSON.stringify({ outputs: endpointOf(outputs), code: endpointOf({ Auth: { Cognito } }) }));
