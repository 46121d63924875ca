"""When a customer-managed key may be used: for the sake of Secrets Manager, and not by itself."""


def through_secrets_manager(region: str) -> dict[str, dict[str, str]]:
    """The condition of a statement that lets a role use the key of a secret in `region`.

    https://docs.aws.amazon.com/secretsmanager/latest/userguide/security-encryption.html
    """
    return {"StringEquals": {"kms:ViaService": f"secretsmanager.{region}.amazonaws.com"}}
