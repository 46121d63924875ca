"""The checks, by subject; `cognito_proxy.smoke.registry` lists them."""
