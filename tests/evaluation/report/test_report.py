import re
from html.parser import HTMLParser
from pathlib import Path

import pytest
import spacy
from spacy.language import Language
from spacy.training import Example

from spacy_lstm.evaluation.report.report import make_report, part_of_speech

from .reporting import OURS, SCRIPT, SPACYS, make_examples, make_pipeline

VOID = {"meta", "link"}


class Reader(HTMLParser):
    """Reads tags, and checks that all tags are closed."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.open: list[str] = []
        self.ids: list[str] = []
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.feed(page)
        assert self.open == []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))
        self.ids += [value or "" for name, value in attrs if name == "id"]
        if tag not in VOID:
            self.open.append(tag)

    def handle_decl(self, decl: str) -> None:
        assert (decl, self.getpos()) == ("DOCTYPE html", (1, 0))

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag


def report(nlp: Language, n_mistakes: int = 100) -> str:
    return make_report(
        nlp,
        make_examples(nlp),
        model="training/model-best",
        path=Path("dev.spacy"),
        n_mistakes=n_mistakes,
    )


@pytest.fixture(scope="module")
def page() -> str:
    return report(make_pipeline(*OURS))


def section(page: str, name: str) -> str:
    (found,) = [
        own
        for own in page.split("<section")[1:]
        if re.search(rf"<h2[^>]*>{re.escape(name)} ?<", own)
    ]
    return found


def test_a_page_of_our_components(page: str) -> None:
    for fact in ("training/model-best", "dev.spacy: 17 documents", "spacy 3."):
        assert fact in page
    for name in OURS:
        own = section(page, name)
        assert "Reliability diagram" in own
        assert "Expected calibration error: 0." in own
        assert "Error by document length" in own
        assert "Confusion matrix" in own
        assert own.count('<details class="mistake">') > 1
        assert "most confident first" in own
    assert "token_acc" in section(page, "tokenizer")
    assert "cats_f_per_type" in section(page, "lstm_textcat")
    assert "tag_acc" in section(page, "lstm_tagger")
    assert "ents_per_type" in section(page, "lstm_ner")
    morph = section(page, "lstm_morphologizer")
    assert "morph_per_feat" in morph
    assert '<th scope="row">ADJ</th>' in morph
    assert '<th scope="row">ADJ Length=Long</th>' not in morph


def test_that_text_and_labels_are_escaped(page: str) -> None:
    assert "<script" not in page
    assert "&lt;script&gt;" in page
    assert "&lt;b&gt;&amp;TAG" in page
    assert "&lt;i&gt;&amp;ENT" in page
    assert not re.search(r"<b>&(amp;)?TAG|<i>&(amp;)?ENT", page)
    assert SCRIPT not in page


def test_that_the_page_is_sound_and_needs_no_other_file(page: str) -> None:
    reader = Reader(page)
    assert len(set(reader.ids)) == len(reader.ids)
    links = [attrs["href"] or "" for tag, attrs in reader.tags if tag == "a"]
    assert len(links) == len(OURS) + 1
    assert {link[1:] for link in links} <= set(reader.ids)
    assert all("src" not in attrs for _, attrs in reader.tags)
    hrefs = [attrs["href"] or "" for _, attrs in reader.tags if "href" in attrs]
    assert all(href.startswith(("#", "data:")) for href in hrefs)
    assert "@import" not in page
    svgs = [attrs for tag, attrs in reader.tags if tag == "svg"]
    assert len(svgs) == 2 * len(OURS)
    assert all(attrs["role"] == "img" and attrs["aria-label"] for attrs in svgs)
    headers = [attrs for tag, attrs in reader.tags if tag == "th"]
    assert all(attrs["scope"] in ("row", "col") for attrs in headers)


def test_a_page_of_spacys_components() -> None:
    page = report(make_pipeline(*SPACYS))
    Reader(page)
    assert "Reliability" in section(page, "textcat")
    for name in SPACYS[1:]:
        own = section(page, name)
        assert "Reliability" not in own
        assert ", probability" not in own
        assert "Confusion matrix" in own
        assert '<details class="mistake">' in own
        assert "in the order of the data" in own


def test_the_number_of_mistakes() -> None:
    nlp = make_pipeline("lstm_tagger")
    for n in (0, 2):
        page = report(nlp, n_mistakes=n)
        assert page.count('<details class="mistake">') == n
        assert re.search(r"<p>\d+ in total", page)


def test_any_number_of_labels() -> None:
    own = section(
        report(make_pipeline("lstm_textcat_multilabel")), "lstm_textcat_multilabel"
    )
    assert "Decisions by label" in own
    assert "Confusion matrix" not in own
    assert "Reliability" in own
    assert "Error rate of yes/no decisions" in own


def test_components_with_scores_alone_or_with_nothing() -> None:
    nlp = spacy.blank("en")
    nlp.add_pipe("sentencizer")
    nlp.add_pipe("merge_entities")
    own = section(report(nlp), "sentencizer")
    assert "sents_f" in own
    assert "Mistakes" not in own
    assert "merge_entities</h2>" not in report(nlp)


def test_data_without_annotation() -> None:
    nlp = make_pipeline("lstm_textcat", "lstm_ner")
    docs = [nlp.make_doc(text) for text in ("A book.", "", "Two  books.")]
    examples = [Example(nlp.make_doc(doc.text), doc) for doc in docs]
    page = make_report(nlp, examples, model="m", path=Path("d"), n_mistakes=5)
    Reader(page)
    assert page.count("no gold annotation for this component: ") == 2
    for name in ("lstm_textcat", "lstm_ner"):
        assert "Scores" not in section(page, name)


def test_data_in_which_there_is_nothing() -> None:
    nlp = spacy.blank("en")
    for factory in ("lstm_ner", "lstm_textcat", "lstm_morphologizer"):
        nlp.add_pipe(factory)
    nlp.initialize(lambda: make_examples(nlp))
    emission = nlp.get_pipe("lstm_ner").model.get_ref("output_layer")
    emission.shims[0].module.bias.data[0] = 50.0
    examples = []
    for text in ["A book."] * 10:
        doc = nlp.make_doc(text)
        doc.set_ents([])
        doc.cats = {"good": 0.0, "bad": 0.0}
        for token in doc:
            token.set_morph("")
        examples.append(Example(nlp.make_doc(text), doc))
    page = make_report(nlp, examples, model="m", path=Path("d"), n_mistakes=5)
    for name in ("lstm_ner", "lstm_textcat"):
        assert "nothing to compare with" in section(page, name)
        assert "Scores" in section(page, name)
    own = section(page, "lstm_morphologizer")
    assert "morph_acc" in own
    assert "-0." not in own


@pytest.mark.parametrize("later", ["tagger", "lstm_tagger"])
def test_components_that_write_the_same(later: str) -> None:
    nlp = make_pipeline("lstm_tagger", "lstm_textcat")
    nlp.add_pipe(later, name="other", config={"overwrite": True})
    nlp.add_pipe("textcat_multilabel").add_label("good")
    examples = make_examples(nlp)
    with nlp.select_pipes(enable=["other", "textcat_multilabel"]):
        nlp.initialize(lambda: examples)
    page = make_report(nlp, examples, model="m", path=Path("d"), n_mistakes=5)
    for name in ("lstm_tagger", "other"):
        own = section(page, name)
        assert "Several components assign" in own
        assert "Reliability" not in own
        assert "in the order of the data" in own
    for name in ("lstm_textcat", "textcat_multilabel"):
        assert "Several components assign" in section(page, name)
        assert "Reliability" not in section(page, name)


def test_two_components_of_which_names_are_unlike_ids() -> None:
    nlp = spacy.blank("en")
    for name in ("a b <c>", "a b"):
        nlp.add_pipe("lstm_tagger", name=name)
    nlp.initialize(lambda: make_examples(nlp))
    reader = Reader(report(nlp))
    assert len(set(reader.ids)) == len(reader.ids)
    assert all(" " not in name and "<" not in name for name in reader.ids)


def test_the_part_of_speech_among_features() -> None:
    labels = ["NOUN Number=Sing", "NOUN", "Number=Sing", ""]
    assert [part_of_speech(label) for label in labels] == ["NOUN", "NOUN", "", ""]
