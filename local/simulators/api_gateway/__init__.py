"""API Gateway in front of the function of the regional variant."""
