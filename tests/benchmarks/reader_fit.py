"""Fits the reader's weights on its development questions: `python -m tests.benchmarks.reader_fit`.

Prints JUDGING and BIAS for `desktop_app/models/reading/evidence.py`, and what each threshold would refuse when the
weights are fitted without the document that a question is about.
"""

import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import openai
from numpy.typing import NDArray

from desktop_app.documents.embedder import Embedder
from desktop_app.documents.model_files import ModelFiles
from desktop_app.models.base import Passage, Turn
from desktop_app.models.reading.evidence import JUDGING, judge
from desktop_app.models.reading.passages import read_passages
from desktop_app.models.reading.question import understand
from desktop_app.settings.paths import models_dir
from tests.benchmarks.reader import upload
from tests.benchmarks.reader_documents import Question, QuestionSet, load, plain
from tests.support.service_process import ServiceProcess

_PASSAGES = 20
_PENALTY = 60.0
_OTHER_WEIGHT = 0.35
"""Most sentences that are judged do not answer: they count less."""

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class Example:
    """A question with the features of the sentences judged [n, features], and which of them answer [n]."""

    question: Question
    features: Floats
    answers: Floats


def main() -> None:
    with tempfile.TemporaryDirectory() as folder:
        service = ServiceProcess(Path(folder) / "data")
        service.start()
        try:
            with openai.OpenAI(base_url=service.base_url, api_key=service.api_key, timeout=600) as client:
                examples = _examples(client, load("reader_development"))
        finally:
            service.stop()
    weights, bias = _fit(examples)
    print({name: round(float(weight), 2) for name, weight in zip(JUDGING, weights, strict=True)}, round(bias, 2))
    scored = [(each, _held_out(each, examples)) for each in examples]
    answerable = np.array([score for each, score in scored if each.question.answers])
    unanswerable = np.array([score for each, score in scored if not each.question.answers])
    for threshold in np.arange(0.1, 0.7, 0.05):
        refused, wrongly = np.mean(unanswerable < threshold), np.mean(answerable < threshold)
        print(f"threshold {threshold:.2f}: refused when unanswerable {refused:.0%}, wrongly refused {wrongly:.0%}")


def _examples(client: openai.OpenAI, questions: QuestionSet) -> list[Example]:
    files = ModelFiles(models_dir())
    read = Embedder(files.model, files.tokenizer).read
    store_id, _ = upload(client, questions)
    examples = []
    for question in questions.questions:
        found = client.vector_stores.search(store_id, query=question.question, max_num_results=_PASSAGES)
        passages = [Passage("", hit.filename, hit.content[0].text, hit.score) for hit in found.data]
        judged = judge(understand([Turn("user", question.question)]), passages, read_passages(passages), read)
        right = [
            any(plain(quote) in plain(each.sentence.text) for quote in question.answers)  # whichever document says it
            for each in judged
        ]
        features = [[each.features[name] for name in JUDGING] for each in judged]
        rows = np.array(features).reshape(-1, len(JUDGING))
        examples.append(Example(question, rows, np.array(right, float)))
    return examples


def _held_out(example: Example, examples: Sequence[Example]) -> float:
    """The probability of its best sentence by weights that were fitted on the other documents."""
    others = [each for each in examples if each.question.document != example.question.document]
    weights, bias = _fit(others)
    best = (example.features @ weights).max(initial=-np.inf)
    return float(1 / (1 + np.exp(-best - bias)))


def _fit(examples: Sequence[Example]) -> tuple[Floats, float]:
    """Weights and constant of a logistic regression, by Newton's method on standardised features."""
    features = np.concatenate([each.features for each in examples])
    answers = np.concatenate([each.answers for each in examples])
    mean, spread = features.mean(axis=0), features.std(axis=0) + 1e-6
    rows = np.column_stack([(features - mean) / spread, np.ones(len(features))])
    importance = np.where(answers > 0, 1.0, _OTHER_WEIGHT)
    penalty = np.append(np.full(features.shape[1], _PENALTY), 0.0)
    beta = np.zeros(rows.shape[1])
    for _ in range(30):
        chance = 1 / (1 + np.exp(-rows @ beta))
        slope = rows.T @ (importance * (chance - answers)) + penalty * beta
        bend = (rows * (importance * chance * (1 - chance))[:, None]).T @ rows + np.diag(penalty)
        beta -= np.linalg.solve(bend, slope)
    weights = beta[:-1] / spread
    return weights, float(beta[-1] - weights @ mean)


if __name__ == "__main__":
    main()
