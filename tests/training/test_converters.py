"""Conversion of other formats to documents, and errors for invalid lines."""

from pathlib import Path

import pytest
import spacy
from spacy.tokens import Doc

from spacy_lstm.training.converters.counts import count_labels
from spacy_lstm.training.converters.formats import find_type, read_documents
from spacy_lstm.training.converters.options import Options
from spacy_lstm.training.converters.parts import (
    read_shares,
    size_parts,
    split_documents,
)
from spacy_lstm.training.converters.records import Documents

WORD = "1\tA\ta\tDET\tDT\t_\t2\tdet\t_\t_\n"
CONLLU = f"# a comment\n{WORD}2\tcat\tcat\tNOUN\tNN\tNumber=Sing\t0\troot\t_\t_\n"


def read(path: Path, content: str, **options: str | int | bool) -> Documents:
    path.parent.mkdir(exist_ok=True, parents=True)
    path.write_text(content, encoding="utf8")
    return read_documents(path, "auto", "en", Options(**options))


def cats(docs: list[Doc]) -> list[tuple[str, dict[str, float]]]:
    return [(doc.text, doc.cats) for doc in docs]


def ents(docs: list[Doc]) -> list[list[tuple[str, str]]]:
    return [[(ent.text, ent.label_) for ent in doc.ents] for doc in docs]


def make_docs(categories: str) -> list[Doc]:
    nlp = spacy.blank("en")
    docs = [nlp(f"{label} {i}") for i, label in enumerate(categories)]
    for doc, label in zip(docs, categories, strict=True):
        doc.cats = {x: float(x == label) for x in sorted(set(categories))}
    return docs


GOOD, BAD = {"bad": 0.0, "good": 1.0}, {"bad": 1.0, "good": 0.0}


@pytest.mark.parametrize(
    ("name", "content", "options"),
    [
        ("a.csv", 'text,label\n"I, too",good\n\nno,bad\n', {}),
        ("a.csv", '\ufeffLabel,id,Text\r\ngood,1,"I, too"\r\nbad,2,no\r\n', {}),
        (
            "a.csv",
            'x,y\n"I, too",good\nno,bad\n',
            {"text_column": "x", "label_column": "y"},
        ),
        (
            "a.csv",
            'x,y\n"I, too",good\nno,bad\n',
            {"text_column": "x", "label_column": "2"},
        ),
        ("a.tsv", "good\tI, too\nbad\tno\n", {"text_column": "2", "label_column": "1"}),
        ("a.TSV", "text\tlabel\nI, too\tgood\nno\tbad\n", {}),
        (
            "a.jsonl",
            '{"text": "I, too", "label": "good"}\n\n{"text": "no", "label": "bad"}',
            {},
        ),
        (
            "a.jsonl",
            '{"text": "I, too", "accept": ["good"], "answer": "accept"}\n'
            '{"text": "no", "label": ["bad"]}\n',
            {},
        ),
        (
            "a.jsonl",
            '{"text": "I, too", "cats": {"good": true, "bad": 0}}\n'
            '{"text": "no", "cats": {"good": 0.0, "bad": 1}}\n',
            {},
        ),
    ],
)
def test_one_category(
    tmp_path: Path, name: str, content: str, options: dict[str, str]
) -> None:
    documents = read(tmp_path / name, content, **options)
    assert cats(documents.docs) == [("I, too", GOOD), ("no", BAD)]
    assert (documents.n_skipped, documents.misaligned) == (0, [])


def test_several_categories(tmp_path: Path) -> None:
    expected = [("a", {"x": 1.0, "y": 1.0}), ("b", {"x": 0.0, "y": 0.0})]
    content = "text\tlabel\na\tx; y\nb\t\n"
    settings = {"multilabel": True, "separator": ";"}
    assert cats(read(tmp_path / "a.tsv", content, **settings).docs) == expected
    content = '{"text": "a", "label": ["x", "y"]}\n{"text": "b", "label": []}'
    assert cats(read(tmp_path / "a.jsonl", content, multilabel=True).docs) == expected


def test_that_quotation_marks_are_text_in_tsv(tmp_path: Path) -> None:
    docs = read(tmp_path / "a.tsv", 'text\tlabel\n"a\tx\nb" c\ty\n').docs
    assert [doc.text for doc in docs] == ['"a', 'b" c']


def test_that_csv_can_have_lines_in_a_text_and_long_texts(tmp_path: Path) -> None:
    long = "a " * 70_000 + "b"
    docs = read(tmp_path / "a.csv", f'text,label\n"a\nb",x\n{long},y\n').docs
    assert [doc.text for doc in docs] == ["a\nb", long]


def test_that_truths_stay_as_they_are(tmp_path: Path) -> None:
    content = '{"text": "a", "cats": {"x": 0.25}}\n{"text": "b", "cats": {"y": 1}}'
    docs = read(tmp_path / "a.jsonl", content).docs
    assert [doc.cats for doc in docs] == [{"x": 0.25}, {"y": 1.0}]


def test_that_labels_can_be_numbers(tmp_path: Path) -> None:
    docs = read(tmp_path / "a.jsonl", '{"text": "a", "label": 1}').docs
    assert docs[0].cats == {"1": 1.0}


def test_folders(tmp_path: Path) -> None:
    for name in ("bad/1.txt", "good/deep/2", "good/.hidden", ".git/3"):
        file = tmp_path / "texts" / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text("I, too\n" if "good" in name else "no\n")
    docs = read_documents(tmp_path / "texts", "auto", "en", Options()).docs
    assert cats(docs) == [("no", BAD), ("I, too", GOOD)]


@pytest.mark.parametrize(
    "content",
    [
        "-DOCSTART-\t-X-\tO\tO\t\n\nAnn B-PER\t\nleft O\n",
        "-DOCSTART-\t-X- O O\n\nAnn\tB-PER\nleft\tO\n",
        "-DOCSTART- -X- O O\t\n\nAnn NNP\tB-PER\nleft VBD\tO\n",
    ],
)
def test_tabs_and_spaces_between_columns(tmp_path: Path, content: str) -> None:
    (doc,) = read(tmp_path / "a.conll", content).docs
    assert [token.text for token in doc] == ["Ann", "left"]
    assert ents([doc]) == [[("Ann", "PER")]]


def test_entities_as_spans(tmp_path: Path) -> None:
    content = (
        '{"text": "Mary Jones left", "spans": '
        '[{"start": 0, "end": 10, "label": "PER", "token_start": 0}]}\n'
        '{"text": "nobody", "spans": [], "label": "x"}\n'
        '{"text": "skipped", "answer": "reject"}\n'
    )
    documents = read(tmp_path / "a.jsonl", content)
    assert ents(documents.docs) == [[("Mary Jones", "PER")], []]
    assert [doc.has_annotation("ENT_IOB") for doc in documents.docs] == [True, True]
    assert documents.docs[1].cats == {"x": 1.0}
    assert documents.n_skipped == 1


def test_that_tokens_of_misaligned_entities_are_missing(tmp_path: Path) -> None:
    content = (
        '{"text": "in Londontown today", "spans": '
        '[{"start": 3, "end": 9, "label": "LOC"}, '
        '{"start": 14, "end": 19, "label": "DATE"}]}'
    )
    documents = read(tmp_path / "a.jsonl", content)
    assert documents.misaligned == [("London", "LOC")]
    assert ents(documents.docs) == [[("today", "DATE")]]
    assert [token.ent_iob_ for token in documents.docs[0]] == ["O", "", "B"]


@pytest.mark.parametrize(
    "tags", ["B-PER I-PER O B-LOC", "I-PER I-PER O I-LOC", "B-PER L-PER O U-LOC"]
)
def test_schemes_of_entities(tmp_path: Path, tags: str) -> None:
    rows = zip(("Mary", "Jones", "left", "London"), tags.split(), strict=True)
    content = "\r\n".join(f"{word} {tag}" for word, tag in rows)
    docs = read(tmp_path / "a.conll", content).docs
    assert ents(docs) == [[("Mary Jones", "PER"), ("London", "LOC")]]
    assert not docs[0].has_annotation("TAG")


@pytest.mark.parametrize(("n_sents", "expected"), [(1, 3), (2, 2), (0, 1)])
@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("a.conll", "a X O\n\n \nb X B-P\nc X I-P\n\n\n\nd X O\n"),
        ("a.iob", "a|X|O\n\n\nb|X|B-P c|X|I-P\n\nd|X|O\n"),
        ("a.ner", "a|X|O\n\n\nb|X|B-P c|X|I-P\n\nd|X|O\n"),
        ("a.iob", "a X O\n\n \nb X B-P\nc X I-P\n\n\n\nd X O\n"),
    ],
)
def test_sentences_of_documents(
    tmp_path: Path, name: str, content: str, n_sents: int, expected: int
) -> None:
    docs = read(tmp_path / name, content, n_sents=n_sents).docs
    assert len(docs) == expected
    assert [token.text for doc in docs for token in doc] == list("abcd")
    assert [ent for found in ents(docs) for ent in found] == [("b c", "P")]
    assert {token.tag_ for doc in docs for token in doc} == {"X"}
    assert sum(len(list(doc.sents)) for doc in docs) == 3


@pytest.mark.parametrize("mark", ["-DOCSTART- -X- O O", "-DOCSTART- -X- -X- O"])
def test_that_marked_documents_stay_whole(tmp_path: Path, mark: str) -> None:
    content = f"{mark}\n\na O\n\nb O\n\n{mark}\nc O\n"
    docs = read(tmp_path / "a.conll", content).docs
    assert [[sent.text for sent in doc.sents] for doc in docs] == [["a", "b"], ["c"]]


@pytest.mark.parametrize(
    ("n_sents", "expected"), [(1, [2, 2, 2]), (2, [4, 2]), (0, [6])]
)
def test_conllu(tmp_path: Path, n_sents: int, expected: list[int]) -> None:
    content = f"{CONLLU}\n# alone\n\n{CONLLU}\n\n{CONLLU}"
    docs = read(tmp_path / "a.conllu", content, n_sents=n_sents).docs
    assert [len(doc) for doc in docs] == expected
    token = docs[0][1]
    assert (token.tag_, token.pos_, str(token.morph)) == ("NN", "NOUN", "Number=Sing")
    assert docs[0][0].head == token


MULTIWORD = """# text = Vamonos ya
1-2\tVamonos\t_\t_\t_\t_\t_\t_\t_\t_
1\tVamos\tir\tVERB\tV\t_\t0\troot\t_\t_
2\tnos\tnos\tPRON\tP\t_\t1\tobj\t_\t_
2.1\tsilent\tsilent\tNOUN\tN\t_\t_\t_\t_\t_
3\tya\tya\tADV\tR\t_\t1\tadvmod\t_\t_
"""


@pytest.mark.parametrize(
    "content", [MULTIWORD, MULTIWORD.replace("\n", "\r\n"), "\ufeff" + MULTIWORD]
)
def test_multiword_tokens_and_empty_nodes(tmp_path: Path, content: str) -> None:
    """As in spaCy's own converter, contracted words are kept and empty ones skipped."""
    (tmp_path / "a.conllu").write_bytes(content.encode("utf8"))
    (doc,) = read_documents(tmp_path / "a.conllu", "auto", "en", Options()).docs
    assert [(token.text, token.lemma_, token.tag_, token.head.i) for token in doc] == [
        ("Vamos", "ir", "V", 0),
        ("nos", "nos", "P", 0),
        ("ya", "ya", "R", 0),
    ]


def test_a_folder_of_files(tmp_path: Path) -> None:
    for name in ("b.conllu", "a.conllu", "readme.txt"):
        (tmp_path / name).write_text(CONLLU)
    docs = read_documents(tmp_path, "conllu", "en", Options()).docs
    assert [doc.text for doc in docs] == ["A cat ", "A cat "]


def test_types() -> None:
    here = Path(__file__)
    with pytest.raises(ValueError, match=r"test_converters.py is unknown.*jsonl"):
        find_type(here, "auto")
    with pytest.raises(ValueError, match=r"`--type` is 'xml'.*'auto', 'csv'"):
        find_type(here, "xml")
    with pytest.raises(ValueError, match=r"There is no nowhere.csv"):
        find_type(Path("nowhere.csv"), "auto")
    with pytest.raises(ValueError, match=r"There is no folder .*test_converters.py"):
        find_type(here, "texts")
    assert find_type(here, "tsv") == "tsv"
    assert find_type(here.parent.parent, "auto") == "texts"


def test_that_labels_in_a_list_are_not_split(tmp_path: Path) -> None:
    content = '{"text": "Nice", "accept": ["Food, drink", " Price"]}'
    (doc,) = read(tmp_path / "a.jsonl", content, multilabel=True).docs
    assert [label for label, truth in doc.cats.items() if truth] == [
        "Food, drink",
        "Price",
    ]


@pytest.mark.parametrize("prefix", ["", "NE=", "name="])
def test_entities_of_conllu_keep_their_labels(tmp_path: Path, prefix: str) -> None:
    labels = ["Per", "Prod", "PER2", "PER", "work-of/art", *(f"L{i}" for i in range(9))]
    rows = [
        f"{i}\tw{i}\t_\tX\tX\t_\t0\troot\t_\tSpaceAfter=No|{prefix}B-{label}\n"
        for i, label in enumerate(labels, 1)
    ]
    (doc,) = read(tmp_path / "a.conllu", "".join(rows)).docs
    assert [(ent.text, ent.label_) for ent in doc.ents] == [
        (f"w{i}", label) for i, label in enumerate(labels, 1)
    ]


@pytest.mark.parametrize(
    ("name", "content", "line", "message"),
    [
        (
            "a.csv",
            "review,stars\na,1\n",
            1,
            r"'text' and 'label' .*--text-column.*\['review', 'stars'\]",
        ),
        ("a.csv", "text,label\na,x\n\nb,\n", 4, r"a text and a label, .*\['b', ''\]"),
        ("a.csv", "text,label\n ,x\n", 2, "a text and a label"),
        (
            "a.csv",
            'text,label\n"a\nb",x\nb\n',
            4,
            r"2 columns as in line 1.* \['b'\]",
        ),
        ("a.csv", "text,label\na, b,x\n", 2, "2 columns"),
        ("a.csv", 'text,label\na,x\n"b,x\nc,x\n', 3, "matching quotation marks"),
        ("a.tsv", "text\tlabel\na x\n", 2, r"2 columns.* found \['a x'\]"),
        (
            "a.jsonl",
            '{"text": "a", "label": "x"}\n\n{"text"',
            3,
            'JSON object, .* {"text"',
        ),
        ("a.jsonl", '{"text": "a"}', 1, 'in addition to the "text"'),
        ("a.jsonl", '{"text": "a", "label": null}', 1, "one label or a list"),
        ("a.jsonl", '{"text": "a", "label": ["x", "y"]}', 1, "unless --multilabel"),
        ("a.jsonl", '{"text": " ", "label": "x"}', 1, 'a "text"'),
        ("a.jsonl", '{"label": "x"}', 1, 'a "text"'),
        ("a.jsonl", r'{"text": "a\ud83d", "label": "x"}', 1, "valid Unicode"),
        ("a.jsonl", r'{"text": "a", "label": "\ud83d"}', 1, "valid Unicode"),
        ("a.jsonl", r'{"text": "a", "cats": {"\ud83d": 1}}', 1, "valid Unicode"),
        ("a.jsonl", '["a", "x"]', 1, "a JSON object"),
        ("a.jsonl", '{"text": "a", "cats": {"x": 2}}', 1, "from 0 to 1"),
        ("a.jsonl", '{"text": "a", "cats": ["x"]}', 1, '"cats"'),
        ("a.conll", "a O\nb S-PER\n", 2, "IOB, IOB2 or BILUO.* found b S-PER"),
        ("a.conll", "a O\n\nb\n", 3, "found b"),
        ("a.conll", "a X O\nb O\n", 2, "3 columns as in line 1"),
        ("a.conll", "New York\tB-X\na\tO\n", 1, r"found New York\\tB-X\."),
        ("a.conll", "a\tO\nNew York\tB-X\n", 2, "containing whitespace"),
        ("a.conll", "a\t\tB-X\nb\tc\tO\n", 1, r"found a\\t\\tB-X\."),
        ("a.conll", "New\xa0York B-X\na O\n", 1, r"found New\\xa0York B-X\."),
        ("a.conll", "a O\n\u3000\tO\n", 2, r"found \\u3000\\tO\."),
        ("a.conll", "a O\nNew\xa0York B-X\n", 2, r"found New\\xa0York B-X\."),
        ("a.iob", "New\xa0York|O\n", 1, r"found New\\xa0York\|O\."),
        ("a.iob", "a|O b|O\nc|O d\n", 2, r"Ann\|B-PER.* found c\|O d"),
        ("a.iob", "a|O b|X|O\n", 1, r"Ann\|B-PER"),
        (
            "a.conllu",
            CONLLU + "\n" + WORD.replace("\t", " "),
            5,
            "ten tab-separated columns",
        ),
        ("a.conllu", WORD.replace("DT", ""), 1, "ten tab-separated columns"),
        (
            "a.conllu",
            WORD.replace("_\t_\n", "_\tSpaceAfter=No name=B-LOC\n"),
            1,
            r"separated by \|, .*found SpaceAfter=No name=B-LOC\.",
        ),
        ("a.conllu", WORD.replace("1", "one"), 1, "ten tab-separated columns"),
        (
            "a.conllu",
            f"{CONLLU}\n# c\n{CONLLU.replace('DET', 'FOO')}",
            7,
            'convert.*"FOO"',
        ),
        ("a.conllu", f"{CONLLU}\n{WORD}", 5, "convert.*E190"),
    ],
)
def test_bad_lines(
    tmp_path: Path, name: str, content: str, line: int, message: str
) -> None:
    path = tmp_path / name
    with pytest.raises(ValueError, match=message) as error:
        read(path, content)
    assert str(error.value).startswith(f"[L068] {path}, line {line}: ")
    assert "\n" not in str(error.value)


@pytest.mark.parametrize(
    ("spans", "message"),
    [
        ('{"start": 0, "end": 4, "label": "X"}', '"spans" with.* text of 3'),
        ('{"start": 1, "end": 1, "label": "X"}', '"spans" with.* text of 3'),
        ('{"start": 0, "end": 0.5, "label": "X"}', '"spans" with.* text of 3'),
        ('{"start": 0, "end": 1}', '"spans" with.* text of 3'),
        ('{"start": 0, "end": 1, "label": ""}', '"spans" with.* text of 3'),
        (
            '{"start": 0, "end": 3, "label": "X"}, '
            '{"start": 2, "end": 3, "label": "Y"}',
            r"don't overlap, but found \[\(0, 3, 'X'\), \(2, 3, 'Y'\)\]",
        ),
    ],
)
def test_bad_spans(tmp_path: Path, spans: str, message: str) -> None:
    with pytest.raises(ValueError, match=f"jsonl, line 1: .*{message}"):
        read(tmp_path / "a.jsonl", f'{{"text": "a b", "spans": [{spans}]}}')


def test_texts_that_are_too_long(tmp_path: Path) -> None:
    message = (
        "jsonl, line 1: .*at most 1,000,000 characters, but found a text of 1,000,001"
    )
    with pytest.raises(ValueError, match=message):
        read(tmp_path / "a.jsonl", f'{{"text": "{"a" * 1_000_001}", "label": "x"}}')


@pytest.mark.parametrize("columns", [("3", "1"), ("0", "1")])
def test_a_column_that_is_not_there(tmp_path: Path, columns: tuple[str, str]) -> None:
    text, label = columns
    with pytest.raises(ValueError, match=f"columns '?{text}'? and '?{label}'?"):
        read(tmp_path / "a.csv", "a,x\n", text_column=text, label_column=label)


@pytest.mark.parametrize("name", ["a.csv", "a.jsonl", "a.conll", "a.conllu", "a.iob"])
@pytest.mark.parametrize("content", ["", "\n \n"])
def test_empty_files(tmp_path: Path, name: str, content: str) -> None:
    if name == "a.csv":
        content = content.strip() or "text,label\n"
    with pytest.raises(ValueError, match=f"{name} contains no documents"):
        read(tmp_path / name, content)


@pytest.mark.parametrize("name", ["a.csv", "a.jsonl", "a.conll", "a.iob", "t/x/1.txt"])
def test_other_encodings(tmp_path: Path, name: str) -> None:
    path = tmp_path / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes("\ufeffa\nb\ncafé\n".encode("utf8").replace(b"\xc3\xa9", b"\xe9"))
    given = tmp_path / "t" if name.startswith("t/") else path
    with pytest.raises(ValueError, match=r"line 3: b'\\xe9' is not UTF-8.*iconv"):
        read_documents(given, "auto", "en", Options())


def test_an_empty_text(tmp_path: Path) -> None:
    path = tmp_path / "good" / "1.txt"
    path.parent.mkdir()
    path.write_text("\n")
    with pytest.raises(ValueError, match=r"1.txt, line 1: .* found an empty file"):
        read_documents(tmp_path, "auto", "en", Options())


def test_languages(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_text("text,label\n好书,x\n")
    docs = read_documents(path, "auto", "zh", Options()).docs
    assert [token.text for token in docs[0]] == ["好", "书"]
    with pytest.raises(ValueError, match="no language 'qq'"):
        read_documents(path, "auto", "qq", Options())


def test_an_empty_separator() -> None:
    with pytest.raises(ValueError, match="`--separator` is ''"):
        Options(separator="")


def test_shares() -> None:
    assert read_shares("80,10,10") == [0.8, 0.1, 0.1]
    assert read_shares("0.9, 0.1") == [0.9, 0.1]
    assert read_shares("100") == [1.0]


@pytest.mark.parametrize(
    "split", ["", "a", "80,10", "120,-20", "100,0", "40,40,10,10", "nan", "80;20"]
)
def test_bad_shares(split: str) -> None:
    with pytest.raises(ValueError, match=f"`--split` is '{split}'.*80,10,10"):
        read_shares(split)


def test_sizes() -> None:
    assert size_parts(20, [0.8, 0.1, 0.1]) == [16, 2, 2]
    assert size_parts(3, [0.8, 0.1, 0.1]) == [1, 1, 1]
    assert size_parts(7, [1.0]) == [7]


def test_a_stratified_split() -> None:
    docs = make_docs("aaab" * 10)
    parts, is_stratified = split_documents(docs, "80,10,10", seed=1)
    assert is_stratified
    counts = {x: count_labels(part)["doc.cats"] for x, part in parts.items()}
    assert counts == {
        "train": {"a": 24, "b": 8},
        "dev": {"a": 3, "b": 1},
        "test": {"a": 3, "b": 1},
    }
    positions = {x: [docs.index(doc) for doc in part] for x, part in parts.items()}
    assert all(part == sorted(part) for part in positions.values())
    assert sorted(i for part in positions.values() for i in part) == list(range(40))
    again, _ = split_documents(docs, "80,10,10", seed=1)
    assert again == parts
    assert split_documents(docs, "80,10,10", seed=2)[0] != parts


@pytest.mark.parametrize("categories", ["aaaaaaaaac", "abcdefghij"])
def test_a_split_by_chance(categories: str) -> None:
    parts, is_stratified = split_documents(make_docs(categories), "70,30", seed=0)
    assert not is_stratified
    assert [(name, len(part)) for name, part in parts.items()] == [
        ("train", 7),
        ("dev", 3),
    ]


def test_that_several_categories_are_split_by_chance() -> None:
    docs = make_docs("ab" * 5)
    docs[0].cats = {"a": 1.0, "b": 1.0}
    assert not split_documents(docs, "80,20", seed=0)[1]


def test_too_few_documents_to_split() -> None:
    message = "too few documents for `--split 80,10,10`: 2"
    with pytest.raises(ValueError, match=message):
        split_documents(make_docs("ab"), "80,10,10", seed=0)


def test_counts(tmp_path: Path) -> None:
    docs = read(tmp_path / "a.conllu", f"{CONLLU}\n{CONLLU}").docs
    assert count_labels(docs) == {
        "token.tag": {"DT": 2, "NN": 2},
        "token.pos": {"DET": 2, "NOUN": 2},
        "token.dep": {"det": 2, "ROOT": 2},
    }
    docs = make_docs("ab")
    docs[0].cats["c"] = 0.0
    assert count_labels(docs) == {"doc.cats": {"a": 1, "b": 1, "c": 0}}
