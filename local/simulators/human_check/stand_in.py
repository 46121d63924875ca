"""The provider's HTTP: siteverify for whoever has the secret, and a script whose widget gives tokens to pages."""

import json
from urllib.parse import parse_qsl

from aiohttp import web

from local.simulators.common.http import HttpRequest, HttpResponse
from local.simulators.common.serving import application
from local.simulators.human_check.tokens import Provider

SCRIPT = "/api.js"
"""Where the widget's script is, whatever the provider."""

_FORM = "application/x-www-form-urlencoded"
_MAX_BODY = 64 * 1024

# The names and options are those that all three providers share: render, reset, sitekey, callback.
_SCRIPT = """
(() => {
  const origin = new URL(document.currentScript.src).origin;
  const widgets = new Map();
  let last = 0;
  addEventListener("message", (event) => {
    const widget = event.origin === origin && widgets.get(event.data.widget);
    widget && widget.options.callback(event.data.token);
  });
  const address = (id, { sitekey, action }) =>
    `${origin}/widget?${new URLSearchParams({ sitekey, action: action ?? "", widget: id, host: location.hostname })}`;
  const api = {
    render(container, options) {
      const id = String(++last);
      const frame = document.createElement("iframe");
      frame.title = "Stand-in of a human check";
      frame.width = 300;
      frame.height = 65;
      frame.src = address(id, options);
      container.append(frame);
      widgets.set(id, { frame, options });
      return id;
    },
    reset(id) {
      const { frame, options } = widgets.get(id);
      frame.src = address(id, options);
    },
  };
  Object.assign(window, { turnstile: api, grecaptcha: api, hcaptcha: api });
  const ready = new URL(document.currentScript.src).searchParams.get("onload");
  if (ready) window[ready]();
})();
"""

_WIDGET = """<!doctype html>
<html lang="en"><head><meta charset="utf-8"><title>Stand-in of a human check</title></head>
<body><p>No check here: a stand-in of the provider says that you are a human.</p>
<script>
const query = new URLSearchParams(location.search);
const said = { hostname: query.get("host"), action: query.get("action"), site_key: query.get("sitekey") };
fetch("/token", { method: "POST", body: JSON.stringify(said) })
  .then((answer) => answer.text())
  .then((token) => parent.postMessage({ widget: query.get("widget"), token }, "*"));
</script></body></html>
"""


class HumanCheckStandIn:
    """One provider's."""

    def __init__(self, provider: Provider) -> None:
        self._provider = provider
        self.verified: list[bool] = []
        """What siteverify said, in order."""
        self.fault: int | None = None
        """Answer siteverify with this status. Default: - it works."""

    def web_application(self) -> web.Application:
        """The application to serve."""
        return application(self.handle, max_body=_MAX_BODY, too_large=_text(413, "too large"))

    async def handle(self, request: HttpRequest) -> HttpResponse:
        """Answer one request."""
        provider = self._provider
        match request.method, request.path:
            case "POST", path if path == provider.rules.path:
                return self._siteverify(provider, request)
            case "GET", path if path == SCRIPT:
                return _text(200, _SCRIPT, "text/javascript; charset=utf-8")
            case "GET", "/widget":
                return _text(200, _WIDGET, "text/html; charset=utf-8")
            case "POST", "/token":
                said = json.loads(request.body)
                return _text(200, provider.token(**{name: said[name] for name in ("hostname", "action", "site_key")}))
        return _text(404, "not found")

    def _siteverify(self, provider: Provider, request: HttpRequest) -> HttpResponse:
        if self.fault is not None:
            return _text(self.fault, "fault")
        if request.header("content-type") != _FORM or request.query:
            return _text(400, "bad request")
        answer = provider.verify(dict(parse_qsl(request.body.decode(), keep_blank_values=True)))
        self.verified.append(answer["success"])
        return _text(200, json.dumps(answer), "application/json")


def _text(status: int, text: str, content_type: str = "text/plain; charset=utf-8") -> HttpResponse:
    return HttpResponse(
        status=status, headers=(("Content-Type", content_type), ("Cache-Control", "no-store")), body=text.encode()
    )
