"""Log-only test runs: what a machine has to say while it boots, and what it must not.

expectations: the file.  matcher: the bytes held against it.  command: `pyrallax watch`.
"""
