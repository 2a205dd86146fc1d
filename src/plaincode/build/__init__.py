"""Releases, content and policies -> one snapshot. The only writer.

inputs   which files there are, and whose they are
merge    editions of one system -> rows by (code, from, to)
own      our own titles, guides and policy records, laid over the numbers
make     the whole of it, in order, published at the end
"""

from plaincode.build.inputs import Gathered, Input, group, starter_inputs, user_inputs
from plaincode.build.make import Outcome, Progress, build

__all__ = [
    "Gathered",
    "Input",
    "Outcome",
    "Progress",
    "build",
    "group",
    "starter_inputs",
    "user_inputs",
]
