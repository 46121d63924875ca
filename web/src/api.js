// Calls of the sample APIs with one of the user's tokens. The REST API's authorizer takes ID tokens, which have the names
// that it greets with. The HTTP API's routes ask for scopes, and those stand in access tokens, which name nobody. Where
// access tokens are sealed, both take these.

/** Status → what it means, for what the APIs say in words that are not for people. */
const STATUSES = {
  401: "The API did not accept the token. Refresh the tokens, or sign in again.",
  403: "The API refused this.",
  404: "There is nothing of this name.",
  409: "You have as many documents as one user may have.",
  413: "This is too long: a document has at most 16 KB.",
  429: "Too many requests or documents. Wait a while, or use fewer.",
};

/** The APIs of a deployment. */
export function apisOf({ restApiUrl, httpApiUrl }) {
  return [
    { id: "rest", name: "REST API", url: restApiUrl, token: "idToken" },
    { id: "http", name: "HTTP API", url: httpApiUrl, token: "accessToken" },
  ].filter(({ url }) => url);
}

/**
 * Call an API. Gives {status, text}: what it answered, for a reader. Throws a NetworkError when no answer comes.
 *
 * `tokens` are the session's. Its token goes in the `Authorization` header as it is: both kinds of authorizer take it so.
 */
export async function call({ url, token }, tokens, { method = "GET", path = "", body } = {}) {
  const base = url.endsWith("/") ? url : `${url}/`;
  const isSealed = tokens.accessToken?.payload?.sealed !== undefined;
  const headers = { authorization: tokens[isSealed ? "accessToken" : token].toString(), ...(body === undefined ? {} : { "content-type": "application/json" }) };
  const request = { method, headers, body: body === undefined ? undefined : JSON.stringify(body), cache: "no-store" };
  const answer = await fetch(base + path, request).catch(() => {
    throw Object.assign(new Error("no answer"), { name: "NetworkError" });
  });
  return { status: answer.status, text: readable(answer.status, await answer.text()) };
}

/** Path of a document. */
export const documentPath = (name) => `documents/${encodeURIComponent(name)}`;

function readable(status, body) {
  const words = STATUSES[status] ? [STATUSES[status]] : [];
  return [status, ...words, indented(body)].join("\n");
}

function indented(body) {
  try {
    return JSON.stringify(JSON.parse(body), null, 2);
  } catch {
    return body;
  }
}
