"""Copies a Cognito app client's secret into Secrets Manager when CloudFormation makes the app client."""
