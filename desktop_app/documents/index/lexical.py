"""The lexical leg: BM25 over the analyser's terms, kept by tantivy."""

from collections.abc import Collection, Iterable, Mapping
from pathlib import Path

import numpy as np
import tantivy

from desktop_app.documents.index.base import IndexedFile, Scored
from desktop_app.documents.index.disk import reading

_HEAP_BYTES = 32_000_000
_SCHEMA = (
    tantivy.SchemaBuilder()
    .add_text_field("terms", tokenizer_name="terms", index_option="freq")
    .add_text_field("file", tokenizer_name="raw", index_option="basic")
    .add_unsigned_field("chunk", fast=True)
    .build()
)


class LexicalIndex:
    """In `folder`, which is made if it is missing. Every method may raise DamagedIndexError."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        folder.mkdir(parents=True, exist_ok=True)
        with reading(folder):
            self._index = tantivy.Index(_SCHEMA, str(folder))
            self._index.config_reader("manual")  # else it watches, and puts a lock into a folder that is being removed
        terms = tantivy.TextAnalyzerBuilder(tantivy.Tokenizer.whitespace()).build()
        self._index.register_tokenizer("terms", terms)
        self.reload()

    def reload(self) -> None:
        """See what the last update wrote."""
        with reading(self._folder):
            self._index.reload()
            self._searcher = self._index.searcher()

    def holds_any(self, files: Collection[str]) -> bool:
        with reading(self._folder):
            return any(self._searcher.doc_freq("file", file) for file in files)

    def update(self, changed: Collection[str], files: Iterable[IndexedFile]) -> None:
        """Replace the chunks of the files `changed` by those of `files`; seen after `reload`."""
        with reading(self._folder):
            writer = self._index.writer(_HEAP_BYTES, num_threads=1)
        try:
            for file_id in changed:
                writer.delete_documents_by_term("file", file_id)
            for file in files:
                for chunk, terms in zip(file.chunks.tolist(), file.terms, strict=True):
                    document = tantivy.Document()
                    document.add_text("terms", " ".join(terms))
                    document.add_text("file", file.file_id)
                    document.add_unsigned("chunk", chunk)
                    writer.add_document(document)
            with reading(self._folder):
                writer.commit()
        finally:
            with reading(self._folder):
                writer.wait_merging_threads()  # ends the writer and lets go of its lock

    def search(self, terms: Mapping[str, int], count: int, files: Collection[str] | None = None) -> Scored:
        """The `count` chunks with the highest BM25 for any of `terms`, each as often as it is asked for."""
        if not terms or (files is not None and not files):
            return Scored(np.empty(0, np.int64), np.empty(0, np.float32))
        query = tantivy.Query.boolean_query([(tantivy.Occur.Should, _term(*term)) for term in terms.items()])
        if files is not None:
            of_files = tantivy.Query.term_set_query(_SCHEMA, "file", list(files))
            asked = tantivy.Query.const_score_query(of_files, 0.0)
            query = tantivy.Query.boolean_query([(tantivy.Occur.Must, query), (tantivy.Occur.Must, asked)])
        searcher = self._searcher
        with reading(self._folder):
            hits = searcher.search(query, count, count=False).hits
            chunks = searcher.fast_field_values("chunk", [address for _, address in hits])
        return Scored(np.array(chunks, np.int64), np.array([score for score, _ in hits], np.float32))


def _term(term: str, times: int) -> tantivy.Query:
    query = tantivy.Query.term_query(_SCHEMA, "terms", term, index_option="freq")
    return query if times == 1 else tantivy.Query.boost_query(query, float(times))
