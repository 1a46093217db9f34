from desktop_app.client.models import ModelEntry
from desktop_app.window.picker.entries import rows_of, short_name
from desktop_app.wire.answers import READER_MODEL, READER_PROVIDER
from desktop_app.wire.models import ModelExtension


def entry(model: str, provider: str, *, here: bool = False, **facts: object) -> ModelEntry:
    told = {"provider_id": provider.lower(), "provider_name": provider, "where": provider, "runs_here": here}
    return ModelEntry(
        id=model, deskside=ModelExtension.model_validate({"name": model.split("/")[-1], **told, **facts})
    )


READER = ModelEntry(
    id=READER_MODEL,
    deskside=ModelExtension(
        provider_id=READER_PROVIDER, provider_name="R", name=READER_MODEL, where="this computer", runs_here=True
    ),
)
MODELS = [
    READER,
    entry("gpt-4o", "OpenAI", context_tokens=128_000, input_price=2.5, output_price=10.0),
    entry("gpt-4o-mini", "OpenAI", context_tokens=1_047_576, input_price=0.075, output_price=0.6),
    entry("ollama/llama3.2", "Ollama", here=True),
]


def test_models_stand_under_their_providers_with_what_is_known_of_them() -> None:
    shown = [(row.title, row.subtitle) for row in rows_of(MODELS, "", "gpt-4o")]
    assert shown == [
        ("On this computer", ""),
        ("Built-in reader", "Quotes your documents; no key, no network"),
        ("OpenAI", ""),
        ("gpt-4o", "this assistant's model · 128k tokens of context · $2.50 in, $10.00 out per million tokens"),
        ("gpt-4o-mini", "1M tokens of context · $0.075 in, $0.60 out per million tokens"),
        ("Ollama", ""),
        ("llama3.2", ""),
    ]
    assert [row.icon for row in rows_of(MODELS, "", "") if row.id] == ["computer", "globe", "globe", "computer"]


def test_every_word_of_the_search_must_be_in_a_name_and_empty_groups_go() -> None:
    assert [row.id for row in rows_of(MODELS, "OPENAI mini", "")] == ["", "gpt-4o-mini"]
    assert [row.id for row in rows_of(MODELS, "llama", "")] == ["", "ollama/llama3.2"]
    assert rows_of(MODELS, "nobody has this", "") == []


def test_a_free_model_costs_nothing_and_an_unknown_price_is_left_out() -> None:
    free = entry("r1:free", "OpenRouter", input_price=0.0, output_price=0.0)
    half = entry("half", "OpenRouter", input_price=1.0)
    assert [row.subtitle for row in rows_of([free, half], "", "")] == ["", "free", ""]


def test_the_button_names_the_reader_by_whatever_name_it_is_asked() -> None:
    reader = READER.deskside
    assert reader is not None
    assert short_name("gpt-4-turbo", reader.model_copy(update={"name": "gpt-4-turbo"})) == "Built-in reader"
    assert short_name("ollama/llama3.2", MODELS[-1].deskside) == "llama3.2"
    assert short_name("not-known-yet", None) == "not-known-yet"
