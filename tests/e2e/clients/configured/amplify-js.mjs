import { fetchAuthSession, signIn } from "aws-amplify/auth";
import { cognitoUserPoolsTokenProvider } from "aws-amplify/auth/cognito";

import { tellSignIn } from "./sign_in.mjs";

await tellSignIn(async (_, { username, password }) => {
  const kept = new Map();
  cognitoUserPoolsTokenProvider.setKeyValueStorage({
    setItem: async (key, value) => void kept.set(key, value),
    getItem: async (key) => kept.get(key) ?? null,
    removeItem: async (key) => void kept.delete(key),
    clear: async () => kept.clear(),
  });
  await signIn({ username, password });
  const { tokens } = await fetchAuthSession();
  return {
    accessToken: tokens.accessToken.toString(),
    idToken: tokens.idToken.toString(),
    refreshToken: [...kept.keys()].find((key) => key.endsWith(".refreshToken")),
  };
});
