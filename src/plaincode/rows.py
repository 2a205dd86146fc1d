"""Rows out of release files: text lines, delimited, fixed width, XML, xlsx. Knows no codes.

Everything streams. A row carries its line number, so that a bad record can be reported with file, line
and column. Text that is not in the stated encoding raises Refused with the line.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator, Mapping, Sequence
from typing import IO, Any
from xml.etree import ElementTree as ET

from plaincode.errors import Refused

__all__ = ["delimited", "elements", "fixed", "lines", "sheet", "table"]


def lines(stream: IO[bytes], *, encoding: str = "utf-8", name: str = "file") -> Iterator[tuple[int, str]]:
    """Yield (line number from 1, text without its line end); a byte-order mark is dropped."""
    for number, raw in enumerate(stream, start=1):
        try:
            text = raw.decode(encoding)
        except UnicodeDecodeError as error:
            raise Refused(
                f"Line {number} is not {encoding} text.",
                where=f"{name}, line {number}, byte {error.start + 1}",
                do="Load the file as the publisher gives it.",
            ) from None
        if number == 1:
            text = text.removeprefix("\ufeff")
        yield number, text.rstrip("\r\n")


def fixed(
    stream: IO[bytes],
    columns: Mapping[str, tuple[int, int]],
    *,
    encoding: str = "utf-8",
    name: str = "file",
) -> Iterator[tuple[int, dict[str, str], str]]:
    """Yield (line, {column: text}, whole line). Columns are 1-based and inclusive; text is stripped."""
    for number, text in lines(stream, encoding=encoding, name=name):
        yield number, {c: text[a - 1 : b].strip() for c, (a, b) in columns.items()}, text


def delimited(
    stream: IO[bytes],
    *,
    delimiter: str = ",",
    quotes: bool = True,
    encoding: str = "utf-8",
    name: str = "file",
) -> Iterator[tuple[int, list[str]]]:
    """Yield (line, fields) of a delimited file; without quotes a quote mark is a plain character."""
    texts = (text + "\n" for _, text in lines(stream, encoding=encoding, name=name))
    reader = csv.reader(texts, delimiter=delimiter, quoting=csv.QUOTE_MINIMAL if quotes else csv.QUOTE_NONE)
    try:
        for row in reader:
            yield reader.line_num, row
    except csv.Error as error:
        raise Refused(f"The row cannot be read: {error}.", where=f"{name}, line {reader.line_num}") from None


def table(
    stream: IO[bytes],
    header: Sequence[str],
    *,
    delimiter: str = ",",
    quotes: bool = True,
    encoding: str = "utf-8",
    name: str = "file",
) -> Iterator[tuple[int, dict[str, str]]]:
    """Yield (line, {column: text}) of a delimited file whose first row is exactly `header`."""
    rows = delimited(stream, delimiter=delimiter, quotes=quotes, encoding=encoding, name=name)
    _, first = next(rows, (0, []))
    if [c.strip() for c in first] != list(header):
        raise Refused(
            "The header is not the publisher's.",
            where=f"{name}, line 1",
            do=f"Expected {', '.join(header)}; found {', '.join(first)[:200]}.",
        )
    for number, row in rows:
        if not any(row):
            continue
        if len(row) != len(header):
            raise Refused(
                f"The row has {len(row)} fields, the header {len(header)}.",
                where=f"{name}, line {number}",
            )
        yield number, dict(zip(header, row, strict=True))


def elements(stream: IO[bytes], tag: str, *, name: str = "file") -> Iterator[ET.Element]:
    """Yield each whole element `tag` as it ends, and free it afterwards."""
    try:
        for _, element in ET.iterparse(stream, events=("end",)):  # noqa: S314 - expat bounds entity expansion
            if element.tag == tag:
                yield element
                element.clear()
    except ET.ParseError as error:
        line, column = error.position
        raise Refused(
            "The file is not well-formed XML.", where=f"{name}, line {line}, column {column}"
        ) from None


def sheet(stream: IO[bytes], *, index: int = 0, name: str = "file") -> Iterator[tuple[int, list[Any]]]:
    """Yield (row number from 1, cell values) of one worksheet of an xlsx file."""
    from python_calamine import CalamineError, CalamineWorkbook  # noqa: PLC0415 - heavy, rarely needed

    try:
        book = CalamineWorkbook.from_filelike(io.BytesIO(stream.read()))
        rows = book.get_sheet_by_index(index).to_python(skip_empty_area=False)
    except CalamineError as error:
        raise Refused(f"The workbook cannot be read: {error}.", where=name) from None
    yield from enumerate(rows, start=1)
