"""Words, spellings and the vocabulary that ships."""

import csv
from pathlib import Path

import pytest

from plaincode.errors import ContentError
from plaincode.search import Vocabulary
from plaincode.search.query import ask
from plaincode.search.words import respelled, stem, tokens


def test_tokens_are_folded_and_lose_a_possessive() -> None:
    assert tokens("Alzheimer's  MÉNIÈRE x-ray 2.5") == ["alzheimer", "meniere", "x", "ray", "2", "5"]


def test_stems_join_the_forms_of_a_word() -> None:
    assert stem("fractures") == stem("fracture") == stem("fractured")


@pytest.mark.parametrize(
    ("british", "american"), [("tumour", "tumor"), ("anaemia", "anemia"), ("oedematous", "edematous")]
)
def test_british_spellings_by_rule(british: str, american: str) -> None:
    assert american in set(respelled(british))


def test_the_shipped_vocabulary_knows_what_was_asked_of_it(vocabulary: Vocabulary) -> None:
    for said, meant in [
        ("heart attack", "acute myocardial infarction"),
        ("hives", "urticaria"),
        ("pink eye", "conjunctivitis"),
        ("kidney stones", "calculus of kidney"),
        ("underactive thyroid", "hypothyroidism"),
        ("htn", "hypertension"),
        ("t2dm", "type 2 diabetes mellitus"),
        ("knee replacement", "replacement of knee joint"),
    ]:
        size, entries = vocabulary.find(said.split(), 0)
        assert size == len(said.split())
        assert meant in [m for e in entries for m in e.meant]


def test_the_shipped_vocabulary_is_sorted_and_says_each_thing_once() -> None:
    folder = Path(__file__).parents[2] / "content" / "vocabulary"
    for path in sorted(folder.glob("*.csv")):
        with path.open(encoding="utf-8", newline="") as stream:
            said = [row["said"].lower() for row in csv.DictReader(stream)]
        assert said == sorted(set(said)), path.name


def test_an_abbreviation_is_not_the_stem_of_a_word(vocabulary: Vocabulary) -> None:
    _, entries = vocabulary.find(["aid"], 0)
    assert [e.said for e in entries] == []


def test_a_question_has_groups_phrases_and_exclusions(vocabulary: Vocabulary) -> None:
    asked = ask('"heart failure" HTN in pregnancy -acute', vocabulary)
    assert [g.said for g in asked.groups] == [("heart", "failure"), ("htn",), ("pregnancy",)]
    assert asked.groups[0].phrase == (stem("heart"), stem("failure"))
    assert (stem("hypertension"),) in asked.groups[1].options
    assert asked.excluded == (("acute",),)


@pytest.mark.parametrize(
    ("text", "where"),
    [
        ("a,b\n", "line 1"),
        ("said,meant,kind,source\nx,y,lay\n", "line 2"),
        ("said,meant,kind,source\nx,,lay,z\n", "line 2"),
        ("said,meant,kind,source\nx,y,slang,z\n", "line 2"),
    ],
)
def test_a_file_that_breaks_the_format_is_refused(tmp_path: Path, text: str, where: str) -> None:
    (tmp_path / "lay.csv").write_text(text, encoding="utf-8")
    with pytest.raises(ContentError, match=where):
        Vocabulary.read(tmp_path)
