"""The two proxies, and what both of them have around their function: settings, domain, answers, alarms, outputs."""
