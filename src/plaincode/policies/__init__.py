"""Policies of payers: curated records of real documents, read and checked."""

from plaincode.policies.curated import Curated, check, read

__all__ = ["Curated", "check", "read"]
