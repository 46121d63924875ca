// Whatever stands before the proxy may answer in a form of its own: a firewall's page, API Gateway's {"message": …}.
// Amplify reads Cognito's form only, and would speak of an unexpected token, or of an unknown error. So refusals that
// are not Cognito's are given its form, named by their status.

/** A fetch that does so for answers of `endpoint`, and passes all else through. */
export function shapedFetch(endpoint, fetch) {
  return async (resource, options) => {
    const answer = await fetch(resource, options);
    if (answer.ok || !isOf(endpoint, resource)) {
      return answer;
    }
    return (await isCognitos(answer.clone())) ? answer : shaped(answer.status);
  };
}

const isOf = (endpoint, resource) => new URL(resource.url ?? resource, endpoint).href.startsWith(endpoint);

async function isCognitos(answer) {
  const document = await answer.json().catch(() => null);
  return typeof document?.__type === "string";
}

function shaped(status) {
  const document = { __type: `PlainAnswer${status}`, message: `status ${status}, without a reason` };
  return new Response(JSON.stringify(document), { status });
}
