"""modules/prompt, for unit tests: nobody types, dir() and hasattr() read."""


def probing(obj):
    return False


def before(function=None):
    return None
