"""The other tools, each measured in a process of its own: python -m benchmarks.rivals.tools TOOL STEP FOLDER MODEL

STEP "add" takes FOLDER/texts.json, embeds them unless FOLDER/vectors.npy has their vectors, and stores them on disk;
"ask" opens what was stored and asks FOLDER/questions.json. Prints what was measured as JSON. Runs where the tools are
installed and Quoth need not be: it takes nothing else of this project.
"""

import importlib
import json
import resource
import sys
import time
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Protocol

import numpy as np
import numpy.typing as npt

SHOWN = 3
_FUSED = 10  # of each ranking that a hybrid search fuses

Vectors = npt.NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class Asked:
    """What questions cost, each in milliseconds of processor time; ``memory`` and ``disk`` in bytes.

    ``found`` are the texts returned for each question by their number, best first. ``memory`` is the peak beyond
    what the interpreter, the tool's code and the model take.
    """

    opened: float
    embed: Sequence[float]
    search: Sequence[float]
    found: Sequence[Sequence[int]]
    memory: int
    disk: int


class Tool(Protocol):
    """A tool with its index in a folder."""

    def __init__(self, folder: Path) -> None: ...

    def add(self, texts: Sequence[str], vectors: Vectors) -> None:
        """Index texts by number, of vectors of shape (texts, 384), until they are on disk."""
        ...

    def open(self) -> None:
        """Open what ``add`` left in the folder."""
        ...

    def search(self, question: str, vector: Vectors) -> list[int]:
        """The numbers of the best texts, whose words the tool hands out."""
        ...


class Txtai:
    """Hybrid: faiss and BM25 with the texts in SQLite, as ``hybrid=True, content=True`` sets them up."""

    def __init__(self, folder: Path) -> None:
        self._folder = str(folder)
        self._embeddings: Any = None
        known: dict[str, Vectors] = {}

        def transform(texts: Sequence[str]) -> Vectors:
            return np.stack([known[text] for text in texts])

        self._known, self._transform = known, transform

    def add(self, texts: Sequence[str], vectors: Vectors) -> None:
        from txtai import Embeddings

        self._known.update(zip(texts, vectors, strict=True))
        embeddings = Embeddings(method="external", transform=self._transform, hybrid=True, content=True)
        embeddings.index(enumerate(texts))
        embeddings.save(self._folder)

    def open(self) -> None:
        from txtai import Embeddings

        self._embeddings = Embeddings()
        self._embeddings.load(self._folder, config={"transform": self._transform})

    def search(self, question: str, vector: Vectors) -> list[int]:
        self._known[question] = vector
        return [int(hit["id"]) for hit in self._embeddings.search(question, SHOWN)]


class LlamaIndex:
    """Hybrid: the in-memory vector store and bm25s, fused by reciprocal rank."""

    def __init__(self, folder: Path) -> None:
        self._folder = str(folder)
        self._retriever: Any = None

    def add(self, texts: Sequence[str], vectors: Vectors) -> None:
        from llama_index.core import MockEmbedding, VectorStoreIndex
        from llama_index.core.schema import TextNode
        from llama_index.retrievers.bm25 import BM25Retriever

        pairs = enumerate(zip(texts, vectors.tolist(), strict=True))
        nodes = [TextNode(id_=str(number), text=text, embedding=vector) for number, (text, vector) in pairs]
        index = VectorStoreIndex(nodes, embed_model=MockEmbedding(vectors.shape[1]))
        index.storage_context.persist(self._folder)
        BM25Retriever.from_defaults(nodes=nodes, similarity_top_k=_FUSED).persist(f"{self._folder}/bm25")

    def open(self) -> None:
        from llama_index.core import MockEmbedding, StorageContext, load_index_from_storage
        from llama_index.core.llms import MockLLM
        from llama_index.core.retrievers import QueryFusionRetriever
        from llama_index.retrievers.bm25 import BM25Retriever

        storage = StorageContext.from_defaults(persist_dir=self._folder)
        index = load_index_from_storage(storage, embed_model=MockEmbedding(384))
        words = BM25Retriever.from_persist_dir(f"{self._folder}/bm25")
        self._retriever = QueryFusionRetriever(
            [index.as_retriever(similarity_top_k=_FUSED), words],
            llm=MockLLM(),
            mode="reciprocal_rerank",
            num_queries=1,
            similarity_top_k=SHOWN,
            use_async=False,
        )

    def search(self, question: str, vector: Vectors) -> list[int]:
        from llama_index.core import QueryBundle

        found = self._retriever.retrieve(QueryBundle(question, embedding=vector.tolist()))
        return [int(hit.node.node_id) for hit in found]


class Haystack:
    """Hybrid: the in-memory store's vectors and its BM25, fused by reciprocal rank."""

    def __init__(self, folder: Path) -> None:
        self._file = folder / "store.json"
        self._store: Any = None
        self._joiner: Any = None

    def add(self, texts: Sequence[str], vectors: Vectors) -> None:
        from haystack import Document
        from haystack.document_stores.in_memory import InMemoryDocumentStore

        store = InMemoryDocumentStore(embedding_similarity_function="cosine", return_embedding=False)
        pairs = enumerate(zip(texts, vectors.tolist(), strict=True))
        store.write_documents([Document(id=str(n), content=text, embedding=vector) for n, (text, vector) in pairs])
        self._file.parent.mkdir()
        store.save_to_disk(str(self._file))

    def open(self) -> None:
        from haystack.components.joiners import DocumentJoiner
        from haystack.document_stores.in_memory import InMemoryDocumentStore

        self._store = InMemoryDocumentStore.load_from_disk(str(self._file))
        self._joiner = DocumentJoiner(join_mode="reciprocal_rank_fusion", top_k=SHOWN)

    def search(self, question: str, vector: Vectors) -> list[int]:
        by_words = self._store.bm25_retrieval(question, top_k=_FUSED)
        by_vector = self._store.embedding_retrieval(vector.tolist(), top_k=_FUSED)
        return [int(hit.id) for hit in self._joiner.run([by_words, by_vector])["documents"]]


class Chroma:
    """The same vectors in a persistent collection; it has no search by words of its own."""

    def __init__(self, folder: Path) -> None:
        self._folder = str(folder)
        self._chunks: Any = None

    def add(self, texts: Sequence[str], vectors: Vectors) -> None:
        self.open()
        for first in range(0, len(texts), 5_000):  # it takes no more at once
            part = slice(first, first + 5_000)
            ids = [str(number) for number in range(len(texts))[part]]
            self._chunks.add(ids=ids, embeddings=vectors[part], documents=list(texts[part]))

    def open(self) -> None:
        import chromadb

        settings = chromadb.config.Settings(anonymized_telemetry=False)
        client = chromadb.PersistentClient(self._folder, settings=settings)
        self._chunks = client.get_or_create_collection(
            "chunks", embedding_function=None, configuration={"hnsw": {"space": "cosine"}}
        )

    def search(self, question: str, vector: Vectors) -> list[int]:
        found = self._chunks.query(query_embeddings=[vector], n_results=SHOWN, include=["documents"])
        return [int(number) for number in found["ids"][0]]


TOOLS: dict[str, type[Tool]] = {
    "txtai": Txtai,
    "LlamaIndex": LlamaIndex,
    "Haystack": Haystack,
    "Chroma": Chroma,
}
_MODULES = {  # what is imported before anything is measured
    "txtai": ["txtai"],
    "LlamaIndex": ["llama_index.core.retrievers", "llama_index.retrievers.bm25"],
    "Haystack": ["haystack.components.joiners", "haystack.document_stores.in_memory"],
    "Chroma": ["chromadb"],
}


def main() -> None:
    """Measure one step of one tool."""
    name, step, folder, model = sys.argv[1], sys.argv[2], Path(sys.argv[3]), sys.argv[4]
    for module in _MODULES[name]:
        importlib.import_module(module)
    encode = _encoder(model)
    tool = TOOLS[name](folder / name)
    print(json.dumps(_add(tool, folder, encode) if step == "add" else asdict(_ask(tool, folder, name, encode))))


def _encoder(model: str) -> Callable[[list[str]], Vectors]:
    import torch
    from sentence_transformers import SentenceTransformer

    torch.set_num_threads(1)  # several would count the time in which they wait for one another
    loaded = SentenceTransformer(model, device="cpu", local_files_only=True)

    def encode(texts: list[str]) -> Vectors:
        return np.asarray(loaded.encode(texts, show_progress_bar=False, normalize_embeddings=True), dtype=np.float32)

    encode(["ready"])
    return encode


def _add(tool: Tool, folder: Path, encode: Callable[[list[str]], Vectors]) -> dict[str, float]:
    texts: list[str] = json.loads((folder / "texts.json").read_text(encoding="utf-8"))
    given = folder / "vectors.npy"
    begin = busy()
    tool.add(texts, np.load(given) if given.exists() else encode(texts))
    return {"seconds": busy() - begin}


def _ask(tool: Tool, folder: Path, name: str, encode: Callable[[list[str]], Vectors]) -> Asked:
    questions: list[str] = json.loads((folder / "questions.json").read_text(encoding="utf-8"))
    vector = encode(questions[:1])[0]
    before = resident_memory()
    times: list[tuple[float, float]] = []
    found = []
    begin = busy()
    tool.open()
    tool.search(questions[0], vector)
    opened = busy() - begin
    for question in questions:
        begin = busy()
        vector = encode([question])[0]
        embedded = busy()
        found.append(tool.search(question, vector))
        times.append(((embedded - begin) * 1000, (busy() - embedded) * 1000))
    embed, search = zip(*times, strict=True)
    return Asked(opened * 1000, embed, search, found, peak_memory() - before, size_of(folder / name))


def busy() -> float:
    """Seconds of processor time of all threads and ended children: other work on the machine does not count."""
    children = resource.getrusage(resource.RUSAGE_CHILDREN)
    return time.process_time() + children.ru_utime + children.ru_stime


def resident_memory() -> int:
    """The bytes of memory that this process holds now, from where ``peak_memory`` counts anew."""
    Path("/proc/self/clear_refs").write_text("5", encoding="ascii")
    return peak_memory()


def peak_memory() -> int:
    """The most bytes of memory that this process has held, mapped files included."""
    status = Path("/proc/self/status").read_text(encoding="ascii")
    return 1024 * int(status.partition("VmHWM:")[2].split()[0])


def size_of(folder: Path) -> int:
    """The bytes of all files in a folder."""
    return sum(file.stat().st_size for file in folder.rglob("*") if file.is_file())


if __name__ == "__main__":
    main()
