"""Coverage, cross-checks against facts of other origin, overlap with licensed words: on rows of our own."""

import csv
import os
from pathlib import Path

import pytest

from plaincode import content, titles
from plaincode.errors import BadRequest, ContentError
from plaincode.model import Key
from plaincode.titles import crosscheck as checks

HEADER = "code,title,family,kind,sets_apart,words,status,empty_because,source\n"
LISTS = {
    checks.FEES: "code,modifier,global_indicator\n10001,,ZZZ\n10002,,000\n10003,,000\n"
    "70001,,XXX\n80001,,090\n",
    checks.HOSPITAL: "HCPCSCode,StatusIndicator\n80002,C\n",
    checks.INDICATORS: "hcpcs,mod,bilat_surg\n10002,,2\n10003,,1\n",
    checks.ADD_ONS: "add_on_code,primary_code\n10001,10002\n",
    checks.GROUPS: "hcpcs_cd,rbcs_latest_assignment,rbcs_cat_desc\n80002,1,Imaging\n00001,1,Anesthesia\n",
    checks.CLASSES: "hcpcs,apc_title\n70001,Level 1 Imaging without Contrast\n",
    checks.DRUGS: "hcpcs,hcpcs_dosage\nJ0001,10 MG\nJ0002,10 UNITS\n",
}


def held(folder: Path, cpt: str, hcpcs: str = "", **files: str) -> titles.Titles:
    beside = {
        "families": "slug,name,parent\nf,F,\n",
        "sources": "id,title,publisher,address,seen\ns,A page,A publisher,https://example.org,read\n",
        "numbers": "system,code,source\ncpt4,10009,s\n",
        "ended": "system,code,last_day,successors,source\ncpt4,10008,2016-12-31,,s\n",
        "facts": "system,code,fact,value,edition\n",
    } | files
    for system, rows in (("cpt4", cpt), ("hcpcs", hcpcs)):
        (folder / system).mkdir(parents=True)
        (folder / system / "all.csv").write_text(HEADER + rows, encoding="utf-8")
    for name, text in beside.items():
        (folder / f"{name}.csv").write_text(text, encoding="utf-8")
    return titles.read(folder)


def lists(folder: Path) -> Path:
    for name, text in LISTS.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    return folder


def test_coverage_counts_by_section_status_and_reason(tmp_path):
    rows = (
        "00101,Put to sleep for a wash,f,anesthesia,organ=a,,ai-agreed,,\n"
        "10001,Wash,f,procedure,organ=b,,source-checked,,s\n"
        "10002,,,procedure,,,none,writers disagree,\n"
        "10008,Old wash,f,procedure,organ=c,,ai-agreed,,\n"
    )
    found = {c.section: c for c in titles.coverage(held(tmp_path, rows), [Key("hcpcs", "A0001")])}
    surgery = found["CPT surgery and procedures"]
    assert (surgery.numbers, dict(surgery.titled)) == (3, {"source-checked": 1})
    assert dict(surgery.empty) == {"writers disagree": 1, "not written yet": 1}
    assert surgery.share == pytest.approx(1 / 3)
    assert found["CPT anesthesia"].titled["ai-agreed"] == 1
    assert dict(found["HCPCS A"].empty) == {"not written yet": 1}


CPT = {
    "add-on": "10001,Wash,f,procedure,organ=b,,ai-agreed,,\n",
    "side": "10002,Wash,f,procedure,laterality=one side,,ai-agreed,,\n",
    "follow-up": "80001,Count,f,laboratory,organ=b,,ai-agreed,,\n",
    "contrast": "70001,Picture,f,imaging,contrast=with contrast,,ai-agreed,,\n",
    "kind": "00001,Put to sleep,f,procedure,organ=b,,ai-agreed,,\n",
    "inpatient": "80002,Count,f,laboratory,organ=b,,ai-agreed,,\n",
}
AT_PEACE = (
    "00001,Put to sleep,f,anesthesia,organ=b,,ai-agreed,,\n"
    "10001,Wash,f,procedure,organ=b; add_on=yes,,ai-agreed,,\n"
    "10002,Wash both,f,procedure,laterality=both sides,,ai-agreed,,\n"
    "10003,Wash one,f,procedure,laterality=one side,,ai-agreed,,\n"
    "70001,Picture,f,imaging,contrast=without contrast,,ai-agreed,,\n"
)


@pytest.mark.parametrize("check", sorted(CPT))
def test_a_title_that_a_fact_speaks_against_is_found(tmp_path, check):
    found = titles.against(held(tmp_path / "t", CPT[check]), lists(tmp_path / "l"))
    assert check in {c.check for c in found}


def test_titles_at_peace_with_the_facts_are_left_alone(tmp_path):
    drugs = (
        "J0001,Drug per 10 mg,f,medicine,unit=10 mg,,ai-agreed,,\n"
        "J0002,Drug,f,medicine,unit=10 IU,,ai-agreed,,\n"
    )
    assert titles.against(held(tmp_path / "t", AT_PEACE, drugs), lists(tmp_path / "l")) == []


def test_a_dose_is_held_against_the_drug_crosswalk(tmp_path):
    drug = "J0001,Drug per 1 mg,f,medicine,unit=1 mg,,ai-agreed,,\n"
    found = titles.against(held(tmp_path / "t", "", drug), lists(tmp_path / "l"))
    assert [(c.code, c.check) for c in found] == [("J0001", "dose")]


def test_a_folder_without_the_lists_is_refused(tmp_path):
    with pytest.raises(BadRequest, match="lacks a list"):
        titles.against(held(tmp_path / "t", AT_PEACE), tmp_path)


def test_looked_at_rows_give_a_known_check_and_a_reason(tmp_path):
    path = tmp_path / "looked-at.csv"
    assert titles.looked_at(path) == {}
    path.write_text(f"{checks.LOOKED_AT}\ncpt4,10001,side,Both are true.\n", encoding="utf-8")
    assert titles.looked_at(path) == {("cpt4", "10001", "side"): "Both are true."}
    for row in ("cpt4,10001,colour,Why.", "cpt4,10001,side,"):
        path.write_text(f"{checks.LOOKED_AT}\n{row}\n", encoding="utf-8")
        with pytest.raises(ContentError):
            titles.looked_at(path)


def test_every_contradiction_in_the_real_lists_has_been_looked_at():
    folder = os.environ.get("PLAINCODE_RELEASES")
    if not folder:
        pytest.skip("PLAINCODE_RELEASES names no folder of release files")
    root = content.folder() / "titles"
    seen = titles.looked_at(root / "looked-at.csv")
    found = {(c.system, c.code, c.check) for c in titles.against(titles.read(root), Path(folder))}
    assert found == set(seen)


def test_overlap_measures_and_never_tells_the_words(tmp_path):
    rows = (
        "10001,Wash of the left widget with a sponge,f,procedure,organ=b,,ai-agreed,,\n"
        "10002,Rinse,f,procedure,organ=c,,ai-agreed,,\n"
    )
    official = {
        Key("cpt4", "10001"): "Wash of the left widget, open",
        Key("cpt4", "10002"): "rinse",
        Key("cpt4", "10007"): "no row",
    }
    first, second = titles.overlap(held(tmp_path, rows), official)
    assert (first.code, first.run, first.same) == ("10001", 5, False)
    assert first.share == pytest.approx(5 / 8)
    assert (second.code, second.run, second.share, second.same) == ("10002", 1, 1.0, True)
    assert "open" not in repr(first)


def test_facts_file_is_sorted_and_each_fact_once():
    with (content.folder() / "titles" / "facts.csv").open(encoding="utf-8", newline="") as stream:
        rows = [tuple(r.values()) for r in csv.DictReader(stream)]
    assert rows == sorted(set(rows))
