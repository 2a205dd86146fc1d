"""The content folder: its digest, its YAML, and how its files name codes."""

import pytest

from plaincode import content
from plaincode.errors import ContentError
from plaincode.model import Key

HELD = {"cpt4": ["62280", "62281", "62282"], "hcpcs": ["J0001"], "icd10cm": ["E11", "E11.9"]}


def known(system, first, last):
    return [code for code in HELD.get(system, []) if first <= code <= last]


def test_the_folder_holds_our_content():
    names = [name for name, _ in content.paths(content.folder())]
    assert "titles/families.csv" in names
    assert names == sorted(names)
    assert not [name for name in names if name.endswith("README.md")]


def test_the_digest_knows_names_and_bytes_and_not_line_ends(tmp_path):
    (tmp_path / "a.csv").write_bytes(b"x,y\n1,2\n")
    first = content.digest(tmp_path)
    (tmp_path / "README.md").write_text("no content")
    (tmp_path / "a.csv").write_bytes(b"x,y\r\n1,2\r\n")
    assert content.digest(tmp_path) == first
    (tmp_path / "a.csv").write_bytes(b"x,y\n1,3\n")
    changed = content.digest(tmp_path)
    assert changed != first
    (tmp_path / "a.csv").rename(tmp_path / "b.csv")
    assert content.digest(tmp_path) not in {first, changed}


def test_yaml_guesses_no_types():
    read = content.tree("codes: [00100, 62280]\nday: 2024-05-01\nno: no\nempty:\nnull_too: ~\n", "f")
    assert read.value == {
        "codes": ["00100", "62280"],
        "day": "2024-05-01",
        "no": "no",
        "empty": None,
        "null_too": None,
    }
    assert read.where("codes", 1) == "f, line 1"
    assert read.where("day") == "f, line 2"


@pytest.mark.parametrize(
    ("text", "says"),
    [("a: 1\nb: 2\na: 3\n", "'a' stands twice"), ("a: [1\nb: 2\n", "This is not YAML")],
)
def test_broken_yaml_is_a_content_error(text, says):
    with pytest.raises(ContentError, match=says) as raised:
        content.tree(text, "some.yaml", first_line=10)
    assert raised.value.where.startswith("some.yaml, line 1")


@pytest.mark.parametrize(
    ("entry", "keys", "exists"),
    [
        ("62280", [Key("cpt4", "62280")], True),
        ("J0001", [Key("hcpcs", "J0001")], True),
        ("icd10cm:E11", [Key("icd10cm", "E11")], True),
        ("62281-62299", [Key("cpt4", "62281"), Key("cpt4", "62282")], True),
        ("icd10cm:E11-E11.9", [Key("icd10cm", "E11"), Key("icd10cm", "E11.9")], True),
        ("99999", [Key("cpt4", "99999")], False),
        ("70000-70010", [], False),
    ],
)
def test_codes_and_ranges_are_expanded_against_what_exists(entry, keys, exists):
    assert content.codes(entry, known, where="f") == (tuple(keys), exists)


@pytest.mark.parametrize("entry", ["E11", "62280-", "-62280", "62282-62280", "62280-J0001", "no way", ""])
def test_what_is_no_code_is_refused(entry):
    with pytest.raises(ContentError) as raised:
        content.codes(entry, known, where="f, line 3")
    assert raised.value.where == "f, line 3"
