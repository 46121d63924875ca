"""Whether a deployed proxy keeps its promises: the checks of `cognito-proxy smoke`.

`check.py` says what a check is, `registry.py` lists them all in the order of the plan, `checks/` holds them by subject.
Nothing here knows of the command line or of the CDK.
"""
