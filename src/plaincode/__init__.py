"""Every medical code in plain words."""

__version__ = "0.1.0"
