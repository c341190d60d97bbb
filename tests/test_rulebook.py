"""Rules, lexicons and the taxonomy are data: good ones are used, bad ones are refused with file, line and reason."""

from __future__ import annotations

import json
import re
import shutil
from pathlib import Path

import pytest

from nlp import Classifier
from nlp.errors import RuleError
from nlp.rulebook import (
    RESOURCES,
    PatternSet,
    Rulebook,
    default_rulebook,
    read_drug_names,
    read_lexicon,
    read_rules,
)
from nlp.subtypes import _outcome_rules, _subtype_rules

GOOD = {"id": "a", "label": "x", "pattern": "licen[cs]e", "example": "a licence", "note": ""}


def test_everything_that_ships_is_sound() -> None:
    default_rulebook().check()


@pytest.mark.parametrize(
    ("lines", "reason"),
    [
        (["{"], "line 1: not JSON"),
        ([json.dumps({**GOOD, "extra": ""})], "line 1: needs exactly the keys"),
        ([json.dumps({**GOOD, "note": 1})], "line 1: needs exactly the keys"),
        ([json.dumps(GOOD), json.dumps(GOOD)], "line 2: the id 'a' is taken"),
        ([json.dumps({**GOOD, "pattern": "(a"})], "line 1: rule 'a': pattern '(a' does not compile"),
        ([json.dumps({**GOOD, "label": "y"})], "line 1: unknown label 'y'; known are x, z"),
        (
            [json.dumps({**GOOD, "id": "b", "label": "z"})],
            "line 1: the pattern of 'b' needs a group named org",
        ),
        ([json.dumps({**GOOD, "pattern": r"(a)\1"})], "does not compile"),  # RE2 refuses what can backtrack
        ([json.dumps({**GOOD, "example": "other"})], "does not match its own example"),
    ],
)
def test_bad_rules_say_where_and_why(tmp_path: Path, lines: list[str], reason: str) -> None:
    path = tmp_path / "bad.jsonl"
    path.write_text("\n".join(lines))
    with pytest.raises(RuleError) as caught:
        read_rules(path, ["x", "z"], groups={"z": ["org"]})
    assert "bad.jsonl" in str(caught.value) and reason in str(caught.value)


@pytest.mark.parametrize(
    ("name", "change", "reason"),
    [
        ("drugs", {"label": "itnro"}, "unknown label 'itnro'"),
        ("drugs", {"label": "intro"}, "needs a group named name"),
        ("counterparties", {"label": "plaintiff"}, "unknown label 'plaintiff'"),
        ("counterparties", {"label": "partner", "pattern": "(?P<org>ORG"}, "does not compile"),
        ("drugs", {"label": "never-code", "pattern": "[A-"}, "does not compile"),
        (
            "counterparties_aside",
            {"label": "passing", "pattern": "(?P<org>ORG)’s", "example": "ORG’s"},
            "only ASCII",
        ),
        (
            "terms",
            {"label": "deal.territory", "pattern": "(?P<value>REGION_) – ", "example": "REGION_ – "},
            "only ASCII",
        ),
        ("events", {"label": "litigation"}, "unknown label 'litigation'"),
        ("sections", {"label": "about.line"}, "unknown label 'about.line'"),
        ("selection", {"label": "opening"}, "unknown label 'opening'"),
        ("terms", {"label": "deal.upfornt"}, "unknown label 'deal.upfornt'"),
        ("subtypes", {"label": "headlines:trial.hold"}, "label 'headlines:trial.hold'"),
        ("outcomes", {"label": "primary:won"}, "label 'primary:won'"),
    ],
)
def test_a_wrong_rule_among_those_that_ship_is_refused_with_its_line(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str, change: dict[str, str], reason: str
) -> None:
    folder = tmp_path / "resources"
    shutil.copytree(RESOURCES, folder)
    monkeypatch.setattr("nlp.rulebook.RESOURCES", folder)  # theirs are not tried at every start
    path = folder / "rules" / f"{name}.jsonl"
    count = len(path.read_text(encoding="utf-8").splitlines())
    with path.open("a", encoding="utf-8") as file:
        file.write(json.dumps({**GOOD, "id": "deal.new", **change}) + "\n")
    book = Rulebook(folder)
    with pytest.raises(RuleError) as caught:
        Classifier(rulebook=book).load()
        for room in (_subtype_rules, _outcome_rules):
            room(book)
        book.check()
    assert f"{name}.jsonl, line {count + 1}" in str(caught.value) and reason in str(caught.value)


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        ("", "empty"),
        ("a\ta\n", "named twice"),
        ("a\tb\n1\n", "line 2: 1 cells"),
        ("a\tb\n\t1\n", "first cell"),
    ],
)
def test_bad_lexicons_say_where_and_why(tmp_path: Path, content: str, reason: str) -> None:
    path = tmp_path / "bad.tsv"
    path.write_text(content)
    with pytest.raises(RuleError, match=reason):
        read_lexicon(path)


def test_a_brand_and_a_bank_are_one_line_of_data_each(tmp_path: Path) -> None:
    folder = tmp_path / "resources"
    shutil.copytree(RESOURCES, folder)
    lexicons = folder / "lexicons"
    for name, cell in (("drug_names", "Wobblifex"), ("banks", "Tarnhelm Fjord Oke")):
        path = lexicons / f"{name}.tsv"
        columns = path.read_text(encoding="utf-8").split("\n", 1)[0].split("\t")
        row = dict.fromkeys(columns, "")
        row[columns[0]] = cell
        row.update(
            {
                k: v
                for k, v in {
                    "kind": "brand",
                    "type": "underwriter",
                    "source": "test",
                    "aliases": cell,
                }.items()
                if k in row
            }
        )
        with path.open("a", encoding="utf-8") as file:
            file.write("\t".join(row.values()) + "\n")
    text = (
        "Acme Bio Announces Pricing of $40 Million Public Offering\n\nBOSTON, Jan. 5, 2026 -- Acme Bio, Inc. (Nasdaq: ACMX) today announced the "
        "pricing of an underwritten public offering of its common stock to fund the launch of Wobblifex in gout. Tarnhelm Fjord Oke is acting as sole book-running manager for the offering."
    )
    before = Classifier().classify(text)
    after = Classifier(rulebook=Rulebook(folder)).classify(text)
    assert "Wobblifex" not in [d.name for d in before.drugs]
    assert "Wobblifex" in [d.name for d in after.drugs]
    assert [(c.name, c.role) for c in after.counterparties] == [("Tarnhelm Fjord Oke", "underwriter")]
    assert before.rules_version != after.rules_version


def test_a_role_and_its_rule_are_one_line_of_data_each(tmp_path: Path) -> None:
    folder = tmp_path / "resources"
    shutil.copytree(RESOURCES, folder)
    labels = folder / "rules" / "labels.toml"
    known = labels.read_text(encoding="utf-8")
    rule = {
        "id": "any.insures",
        "label": "insurer",
        "pattern": r"(?i)(?P<org>(?:ORG|CAP)S?) will insure\b",
    }
    rule |= {"example": "ORG will insure patients", "note": ""}
    rules = folder / "rules" / "counterparties.jsonl"  # the first rule that speaks decides
    rules.write_text(json.dumps(rule) + "\n" + rules.read_text(encoding="utf-8"), encoding="utf-8")
    text = (
        "Acme Bio and Orvane Mutual AG Agree on Phase 2 Trial\n\nBOSTON, Jan. 5, 2026 -- Acme Bio, Inc. (Nasdaq: ACMX) today announced that "
        "Orvane Mutual AG will insure all patients of its Phase 2 trial in gout."
    )
    with pytest.raises(RuleError, match=r"counterparties.jsonl, line 1.*insurer"):
        Classifier(rulebook=Rulebook(folder)).classify(text)
    labels.write_text(
        known.replace("[counterparties.labels]", '[counterparties.labels]\ninsurer = "insures"'),
        encoding="utf-8",
    )
    found = Classifier(rulebook=Rulebook(folder)).classify(text).counterparties
    assert [(c.name, c.role, c.rule) for c in found] == [("Orvane Mutual AG", "insurer", "any.insures")]


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        ("[counterparties.labels", "not TOML"),
        ("[drugs.labels]\n", "no .counterparties.labels."),
        ('[counterparties.labels]\n"Big Spender" = "pays"\n', "Big Spender"),
        ("[counterparties.labels]\nspender = 3\n", "spender"),
    ],
)
def test_roles_that_are_none_are_refused(tmp_path: Path, content: str, reason: str) -> None:
    folder = tmp_path / "resources"
    shutil.copytree(RESOURCES, folder)
    (folder / "rules" / "labels.toml").write_text(content, encoding="utf-8")
    with pytest.raises(RuleError, match=reason):
        Rulebook(folder).rules("counterparties")


def test_user_names_are_added_and_removed(tmp_path: Path) -> None:
    path = tmp_path / "own.tsv"
    path.write_text("name\taction\nFoobarium\tadd\npaclitaxel\tremove\n")
    add, remove = read_drug_names(path)
    result = Classifier(add_drugs=add, remove_drugs=remove).classify(
        "Acme Bio Starts Phase 2 Trial of Foobarium with Paclitaxel in Lung Cancer"
    )
    assert [drug.name for drug in result.drugs] == ["Foobarium"]
    path.write_text("name\taction\nFoobarium\tkeep\n")
    with pytest.raises(RuleError, match="line 2"):
        read_drug_names(path)


def test_every_code_of_a_notice_or_error_is_in_the_table() -> None:
    root = RESOURCES.parent
    table = set(re.findall(r"^\| `([a-z0-9-]+)`", (RESOURCES / "CODES.md").read_text(encoding="utf-8"), re.M))
    source = "".join(path.read_text(encoding="utf-8") for path in sorted(root.rglob("*.py")))
    used = set(re.findall(r'(?:Notice\(\s*|\bcode=|\bcode = )"([a-z0-9]+(?:-[a-z0-9]+)+)"', source))
    assert len(used) > 50
    assert used <= table, used - table


@pytest.mark.parametrize("name", ["drug_names", "common_words", "wires"])
def test_columns_and_rows_of_a_lexicon_agree(name: str) -> None:
    rows, columns = default_rulebook().lexicon(name), default_rulebook().columns(name)
    assert {column: tuple(row[column] for row in rows) for column in rows[0]} == dict(columns)


def test_every_lexicon_tells_where_it_is_from() -> None:
    told = (RESOURCES / "lexicons" / "SOURCES.md").read_text(encoding="utf-8")
    names = [path.stem for path in (RESOURCES / "lexicons").glob("*.tsv")]
    assert len(names) > 20
    assert [name for name in names if name not in told] == []


def test_a_set_of_patterns_tells_them_in_their_order() -> None:
    words = ["zeta", "alpha", "mid", "omega", "beta", "kappa"]
    found = PatternSet([*words, r"\d"]).match("3 beta, omega, zeta and kappa in the mid of alpha")
    assert found == [0, 1, 2, 3, 4, 5, 6]
