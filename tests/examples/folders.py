"""Where the examples are."""

from pathlib import Path

EXAMPLES = Path(__file__).resolve().parents[2] / "examples"
EMAIL_RULES = EXAMPLES / "email_rules"
RISK_SERVICE = EXAMPLES / "risk_service"
