"""Queries ready to run: tables over logs in S3 for Athena, and saved queries of CloudWatch Logs Insights."""
