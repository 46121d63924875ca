"""What to paste into an app so that its SDK calls the proxy: text from a stack's outputs (`sdks.configuration`).

Pure: the standard library only, no input or output, and no secret comes in here.
"""
