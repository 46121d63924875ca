"""Which doors past the proxy a user pool leaves open: the rules (`doors`, pure), and what they are told (`reading`).

boto3 and the standard library; no CDK, and nothing of the command line.
"""
