"""One cold start of a handler that does the same with boto3: two clients, one secret, one call; see `cold_start`."""

import base64
import hashlib
import hmac
import json
import sys

import boto3

from benchmarks.events import REGION, SECRET_ARN, regional_event

secrets = boto3.client("secretsmanager", region_name=REGION)
cognito = boto3.client("cognito-idp", region_name=REGION)

event = regional_event()
body = json.loads(base64.b64decode(event["body"]))
secret = json.loads(secrets.get_secret_value(SecretId=SECRET_ARN)["SecretString"])["client_secret"]
name = body["AuthParameters"]["USERNAME"] + body["ClientId"]
digest = hmac.new(secret.encode(), name.encode(), hashlib.sha256).digest()
body["AuthParameters"]["SECRET_HASH"] = base64.b64encode(digest).decode()
if cognito.initiate_auth(**body)["ChallengeName"]:
    sys.stdout.write("ANSWERED\n")
    sys.stdout.flush()
