"""modules/prompt, for unit tests: nobody types, dir() and hasattr() read."""


def probing(obj):
    return False


def before(function=None):
    return None


typed = []


def put(byte):
    typed.append(byte)
    return True


def taken():
    """What was typed since the last call."""
    text = bytes(typed)
    del typed[:]
    return text
