"""Register maps of known devices, one module a kind; nothing is parsed before it is used."""
