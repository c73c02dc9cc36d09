"""Topic files: every fault at once, nothing guessed towards less care."""

import pytest

from mahalleh.errors import SourceError
from mahalleh.topics import read_topics

GOOD = """
[[topic]]
id = "street-noise"
names = { fa = "سروصدا", en = "Noise" }
sensitivity = "open"
categories = ["Noise", " loud MUSIC "]

[[topic]]
id = "self-harm"
"""


def written(folder, text):
    path = folder / "topics.toml"
    path.write_text(text, encoding="utf-8")
    return path


def codes(error):
    return sorted(fault.code for fault in error.value.faults)


def test_read_topics__keeps_names_and_folds_the_case_of_categories(tmp_path):
    noise, harm = read_topics(written(tmp_path, GOOD))
    assert (noise.names["fa"], noise.sensitivity, noise.categories) == (
        "سروصدا",
        "open",
        ("noise", "loud music"),
    )
    assert harm.names["en"] == "self-harm"


def test_read_topics__treats_a_topic_of_unknown_sensitivity_as_careful(tmp_path):
    assert read_topics(written(tmp_path, GOOD))[1].sensitivity == "careful"


def test_read_topics__names_every_fault_at_once(tmp_path):
    text = (
        GOOD
        + """
[[topic]]
id = "street-noise"
kind = "arrest"
colour = "red"
[[topic]]
id = "Bad Id"
categories = ["noise"]
"""
    )
    with pytest.raises(SourceError) as caught:
        read_topics(written(tmp_path, text))
    assert codes(caught) == sorted(
        [
            "topics.duplicate-id",
            "topics.bad-value",
            "topics.unknown-key",
            "topics.bad-id",
            "topics.word-twice",
        ]
    )


@pytest.mark.parametrize(("text", "code"), [("", "topics.none"), ("[[topic", "topics.unreadable")])
def test_read_topics__refuses_what_is_no_topic_file(tmp_path, text, code):
    with pytest.raises(SourceError) as caught:
        read_topics(written(tmp_path, text))
    assert codes(caught) == [code]


def test_read_topics__refuses_a_file_that_is_not_there(tmp_path):
    with pytest.raises(SourceError, match="cannot be read"):
        read_topics(tmp_path / "none.toml")
