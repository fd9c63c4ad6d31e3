"""Bits as pciutils' lspci prints them."""


def flags(words, value):
    """ "SERR@8 FastB2B@9" with + or - for each bit."""
    found = []
    for word in words.split():
        name, bit = word.split("@")
        found.append(name + ("+" if value >> int(bit) & 1 else "-"))
    return " ".join(found)
