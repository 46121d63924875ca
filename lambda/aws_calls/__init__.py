"""Calls of AWS from the functions off the request path, with retries, by the proxy's own signed AWS JSON call.

Not by the SDK that the runtime brings: that lags behind the services by months, and the operations on an app client's
second secret are of January 2026. An operation here is a name and a document, so none is too young.
"""
