"""One CloudFormation template a variant for people without the CDK, made of the app's own stacks.

The app decides in Python what a flag brings; a template decides by Conditions. So the app's stack is synthesized for
one combination of switches after the other (`synthesis`), and what differs between them becomes Conditions and Fn::If
(`merge`). Values that only flow are parameters (`parameters`). Functions carry their code inline (`inline_code`).
docs/decisions/0018-a-plain-template.md says why.
"""
