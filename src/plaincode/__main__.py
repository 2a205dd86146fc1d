"""`python -m plaincode`."""

import sys

from plaincode.cli import main

sys.exit(main())
