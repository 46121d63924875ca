"""What is seen of a proxy, and when somebody is told: dashboard, alarms, Cognito's quotas."""
