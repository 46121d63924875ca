"""Amazon CloudWatch on one machine: metrics, the alarms that look at them, and what a dashboard's graphs show."""
