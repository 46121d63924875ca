"""CloudWatch Logs Insights: its language, and the calls that run a query."""
