"""The shapes of templates of notices and of packs of phrases as they are written in YAML, and their values.

Whether the names in them are defined, and whether a template can be used, is for `worded`.
"""

from pathlib import Path
from typing import Annotated, NamedTuple, Self

from pydantic import BeforeValidator, Field, ValidationInfo, WithJsonSchema, model_validator

from alerts.message import Stage
from alerts.phrase import ObjectionGrade, Pack
from alerts.template import Template
from monitor.load.fields import FOLDER, ID, Identity, LocaleTag, Text, one_of
from monitor.load.form import Form

MOST_PHRASES = 500


class Source(NamedTuple):
    """The text of a template, and the file that it stands in, None where it is written here."""

    text: str
    file: Path | None = None


NOTHING = Source("")


def _source(value: object, info: ValidationInfo) -> Source:
    if isinstance(value, str) and value.strip():
        return Source(value)
    if not isinstance(value, dict) or set(value) != {"file"} or not isinstance(value["file"], str):
        raise ValueError("must be a template's text, or {file: PATH} for one that stands in a file")
    file = (info.context or {}).get(FOLDER, Path()) / value["file"]
    try:
        return Source(file.read_text(encoding="utf-8"), file)
    except (OSError, UnicodeDecodeError, ValueError):
        raise ValueError("names a file that cannot be read as text (UTF-8); correct the path") from None


TemplateText = Annotated[
    Source,
    BeforeValidator(_source),
    WithJsonSchema(
        {
            "anyOf": [
                {"type": "string"},
                {"type": "object", "properties": {"file": {"type": "string"}}, "required": ["file"]},
            ]
        }
    ),
]


class TemplateForm(Form):
    """What notices say, to some clients or tiers, at some stages, in one language or all."""

    clients: list[Identity] = Field(default_factory=list)
    tiers: list[Identity] = Field(default_factory=list)
    stages: list[Annotated[Stage, one_of(Stage)]] = Field(default_factory=list)
    language: LocaleTag | None = None
    subject: TemplateText = NOTHING
    body: TemplateText = NOTHING
    html: TemplateText = NOTHING

    @model_validator(mode="after")
    def _says_something(self) -> Self:
        if not (self.subject.text or self.body.text):
            raise ValueError("says nothing; write a subject, a body, or both")
        if self.html.text and not self.body.text:
            raise ValueError("has HTML without a body; not every channel shows HTML, so write the body too")
        return self

    @property
    def texts(self) -> tuple[tuple[str, Source], ...]:
        """The parts that it brings, by their keys."""
        parts = (("subject", self.subject), ("body", self.body), ("html", self.html))
        return tuple((key, source) for key, source in parts if source.text)

    def template(self, name: str) -> Template:
        """Return the template."""
        return Template(
            name=name,
            clients=tuple(self.clients),
            tiers=tuple(self.tiers),
            stages=tuple(self.stages),
            language=self.language or "",
            subject=self.subject.text,
            body=self.body.text,
            html=self.html.text,
        )


class PhrasesForm(Form):
    """Phrases that no notice is to hold, in a language and perhaps under some laws."""

    rule: Annotated[str, Field(pattern=ID.pattern)] = "house_style"
    language: Annotated[str, Field(pattern=r"^[a-z]{2,3}$")] | None = None
    jurisdictions: list[Identity] = Field(default_factory=list)
    grade: Annotated[ObjectionGrade, one_of(ObjectionGrade)] = ObjectionGrade.REFUSE
    phrases: Annotated[list[Text], Field(min_length=1, max_length=MOST_PHRASES)]
    why: Text = "our own rules do not allow it"
    advice: Text = "say it otherwise"

    def pack(self) -> Pack:
        """Return the pack."""
        return Pack(
            rule=self.rule,
            phrases=tuple(self.phrases),
            language=self.language or "",
            jurisdictions=tuple(self.jurisdictions),
            grade=self.grade,
            why=self.why,
            advice=self.advice,
        )
