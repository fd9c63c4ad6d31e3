"""Set-up of a development machine: packages, virtual environment, sources."""
