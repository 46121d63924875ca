"""What a wrong property gets. Without CDK, since the command line reads addresses with the same checks."""


class PropertyError(ValueError):
    """A property that cannot work, in one line that begins with its name and holds the bound and what came.

    A class of its own, so that an app can show the line alone and still show where a ValueError of a mistake in the
    code comes from.
    """
