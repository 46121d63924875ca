"""Sets of flags that together make every kind of template."""

from pathlib import Path

_POOL = {"user_pool_id": "eu-west-1_AbCdEf123"}
_DOMAIN = {
    "domain_name": "auth.example.com",
    "certificate_arn": "arn:aws:acm:eu-west-1:123456789012:certificate/abc",
}
_CLIENT_CONTEXT = {"threat_protection": "true", "propagate_client_ip": "true"}
_FIREWALL = {
    "rate_limit": "500",
    "rate_window_seconds": "60",
    "allow_ips": "192.0.2.0/24,2001:db8::1",
    "deny_ips": "198.51.100.7",
}
_CLIENTS = {"app_clients": "web,ios", "rotation_days": "30"}
_TAKEN_OVER = _POOL | {"app_clients": "web,ios", "app_client_ids": "web:1a2b3c,ios:4d5e6f", "rotation_days": "30"}
_COUNTING = {"count_only": "true", "managed_groups": "account_takeover,account_creation,bot_control"}
_ACCOUNT_ROLE = {"api_gateway_account_role": "true"}
_LOGGED = _POOL | {"log_level": "problems", "log_plain": "true", "trail_bucket": "trail-of-the-account"}
_REVIEWED = _POOL | {
    "customer_key": "true",
    "bucket_access_log": "true",
    "trail_bucket": "trail-of-the-account",
    "app_clients": "web,ios",
    "rotation_days": "30",
    "phone_countries": "+1,+44,-1876",
    "guards": f"{Path(__file__).parents[2] / 'examples' / 'email_rules'}:email_rules",
}
"""What security reviewers ask for. A flag that makes resources belongs here, too: checkov looks at these."""
_REVIEWED_REGIONAL = {
    "private_network": "true",
    "tracing": "true",
    "reserved_concurrency": "50",
    "provisioned_concurrency": "2",
    "events": "true",
    "user_limits": "true",
    "message_limit": "500",
}
_SEALED = {"sealed_tokens": "true"}
_MESSAGES = {"phone_countries": "+1,+44,-1876", "message_limit": "500"}
_HUMAN_CHECK = {"human_check": "turnstile", "human_check_site_key": "0x4AAAAAAADnPIDROrmt1Wwj"}
_OAUTH = {
    "oauth_domain": "my-app",
    "oauth_callback_urls": "https://app.example.com/signed-in,com.example.app://signed-in",
    "oauth_logout_urls": "https://app.example.com/",
    "allowed_origins": "https://app.example.com",
}
_EDGE = {"variant": "edge"}
_EDGE_DOMAIN = _DOMAIN | {"certificate_arn": "arn:aws:acm:us-east-1:123456789012:certificate/abc"}
_SECOND_REGION = {
    "second_region": "eu-central-1",
    "second_certificate_arn": "arn:aws:acm:eu-central-1:123456789012:certificate/def",
    "hosted_zone_id": "Z0123456789ABCDEFGHIJ",
}
FLAG_SETS: dict[str, dict[str, str]] = {
    "none": {},
    "pool": _POOL,
    "domain": _POOL | _DOMAIN | {"allowed_origins": "https://app.example.com"},
    "client context": _CLIENT_CONTEXT,
    "everything": _POOL
    | _DOMAIN
    | _CLIENT_CONTEXT
    | _CLIENTS
    | _ACCOUNT_ROLE
    | _MESSAGES
    | {
        "allowed_origins": "https://app.example.com,capacitor://localhost",
        "hosted_zone_id": "Z0123456789ABCDEFGHIJ",
        "alarm_email": "ops@example.com",
    }
    | _FIREWALL,
    "clients": _CLIENTS,
    "kept ready": _POOL
    | _DOMAIN
    | {"provisioned_concurrency": "2", "ipv6": "true", "hosted_zone_id": "Z0123456789ABC"},
    "events": _CLIENTS | {"events": "true"},
    "unwatched": _POOL | _CLIENTS | {"monitoring": "false", "trail_bucket": "trail-of-the-account"},
    "logged": _LOGGED | {"alarm_email": "ops@example.com"},
    "messages": _MESSAGES,
    "taken over": _TAKEN_OVER | _COUNTING,
    "rest": _CLIENTS | {"sample": "rest", "allowed_origins": "https://app.example.com,capacitor://localhost"},
    "http": _CLIENTS | {"sample": "http", "allowed_origins": "https://app.example.com"},
    "http everything": _POOL
    | {
        "sample": "rest,http",
        "allowed_origins": "https://app.example.com,capacitor://localhost",
        "api_domain": "api.example.com",
        "api_certificate_arn": "arn:aws:acm:eu-west-1:123456789012:certificate/def",
        "sign_in_domain": "auth.example.com",
        "sign_in_certificate_arn": "arn:aws:acm:us-east-1:123456789012:certificate/ghi",
        "hosted_zone_id": "Z0123456789ABCDEFGHIJ",
        "nat_gateways": "2",
        "implicit_grant": "true",
    },
    "reviewed": _REVIEWED | _REVIEWED_REGIONAL | _DOMAIN | _SEALED,
    "reviewed nat": _POOL
    | _REVIEWED_REGIONAL
    | _SEALED
    | _CLIENT_CONTEXT
    | _HUMAN_CHECK
    | {"nat_gateways": "2", "customer_key": "true"},
    "user limits": _POOL | {"user_limits": "true", "alarm_email": "ops@example.com"},
    "sealed tokens": _POOL
    | _SEALED
    | {
        "sample": "rest,http",
        "sign_in_domain": "none",
        "allowed_origins": "https://app.example.com",
        "alarm_email": "ops@example.com",
    },
    "human check": _HUMAN_CHECK | {"allowed_origins": "https://app.example.com"},
    "edge human check": _EDGE | _POOL | _HUMAN_CHECK | {"human_check": "hcaptcha"},
    "second region": _POOL | _DOMAIN | _SECOND_REGION,
    "second region everything": _REVIEWED
    | _REVIEWED_REGIONAL
    | _DOMAIN
    | _SECOND_REGION
    | _CLIENT_CONTEXT
    | {"pool_replica": "active", "nat_gateways": "2", "ipv6": "true"},
    "edge second region": _EDGE
    | _POOL
    | _CLIENT_CONTEXT
    | {"second_region": "eu-central-1", "pool_replica": "inactive"},
    "oauth": _OAUTH,
    "oauth pool": _POOL | _OAUTH | {"oauth_domain": "auth.example.com", "ipv6": "true"},
    "edge oauth": _EDGE | _POOL | _OAUTH,
    "edge": _EDGE,
    "edge pool nearby": _EDGE | {"user_pool_id": "us-east-1_AbCdEf123"},
    "edge pool elsewhere": _EDGE | _POOL | {"allowed_origins": "*"},
    "edge taken over": _EDGE | _TAKEN_OVER,
    "edge logged": _EDGE | _LOGGED | {"log_level": "none"},
    "edge unwatched": _EDGE | _POOL | _CLIENTS | {"monitoring": "false", "alarm_email": "ops@example.com"},
    "edge rest": _EDGE | _POOL | _ACCOUNT_ROLE | {"sample": "rest"},
    "edge http": _EDGE | _POOL | {"sample": "http", "sign_in_domain": "my-app"},
    "edge reviewed": _EDGE | _REVIEWED | _EDGE_DOMAIN | _HUMAN_CHECK,
    "edge everything": _EDGE
    | _POOL
    | {"phone_countries": "+1,-1876"}
    | _EDGE_DOMAIN
    | _CLIENT_CONTEXT
    | _CLIENTS
    | {
        "allowed_origins": "https://app.example.com,capacitor://localhost",
        "hosted_zone_id": "Z0123456789ABCDEFGHIJ",
        "alarm_email": "ops@example.com",
    }
    | _FIREWALL,
}
"""A set by its name."""
