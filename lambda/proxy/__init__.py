"""The proxy function: a pure core (`decide`) between two adapters (`regional`, `edge`).

What is imported on the request path is the standard library only: cold starts are what users feel, and importing
boto3 alone costs ten times what all of this does.
"""
