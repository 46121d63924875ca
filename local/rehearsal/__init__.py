"""`make rehearse`: what a deployment with these flags would make, cost, leave behind and ask for; offline.

The app is synthesized into a scratch folder. What is said of it comes from its templates and from the tables in
`data/`: kinds of resources, prices with date and source, assumptions, quotas, notes. No AWS, no credentials.
"""
