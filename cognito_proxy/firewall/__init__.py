"""AWS WAF in front of the proxy and of the pool: the web ACL, its rules, its address lists and their end."""
