"""What Cognito is sent to see whether it answers at all: GetUser with a token that is none. It needs no user and no
secret, changes nothing, and is refused; whatever comes back below 500 says that Cognito is well."""

from __future__ import annotations

import json

from proxy.errors import CONTENT_TYPE
from proxy.operations import TARGET_PREFIX

BODY = json.dumps({"AccessToken": "not-a-token"}).encode("ascii")
HEADERS = {"content-type": CONTENT_TYPE, "x-amz-target": f"{TARGET_PREFIX}GetUser"}
