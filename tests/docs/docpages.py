"""The pages of the documentation and their fenced blocks, as the tests read them."""

import re
from pathlib import Path
from typing import NamedTuple

ROOT = Path(__file__).resolve().parents[2]
PAGES = [ROOT / "README.md", *sorted((ROOT / "docs").rglob("*.md"))]
_FENCE = re.compile(
    r"(?:^<!-- run: (?P<run>\w+) -->\n)?^```(?P<kind>\w*)\n(?P<text>.*?)^```$", re.DOTALL | re.MULTILINE
)


class Fence(NamedTuple):
    """A fenced block: where it stands, its kind, which catalog it runs against (None: it is not run)."""

    page: Path
    line: int
    kind: str
    run: str | None
    text: str

    @property
    def name(self) -> str:
        return f"{title(self.page)}:{self.line}"


def title(page: Path) -> str:
    """Return a page as people call it."""
    return page.relative_to(ROOT).as_posix()


def fences() -> list[Fence]:
    """Return every fenced block of the documentation."""
    found = []
    for page in PAGES:
        whole = page.read_text("utf-8")
        for match in _FENCE.finditer(whole):
            line = whole.count("\n", 0, match.start("text")) + 1
            found.append(Fence(page, line, match["kind"], match["run"], match["text"]))
    return found


def prose(page: Path) -> str:
    """Return a page without its fenced blocks."""
    return _FENCE.sub("", page.read_text("utf-8"))
