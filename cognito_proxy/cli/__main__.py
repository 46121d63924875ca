"""`python -m cognito_proxy.cli`."""

from cognito_proxy.cli import main

main()
