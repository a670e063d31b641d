"""What speed.py compares with: FastAPI, SentenceTransformer.encode and a FAISS Flat search, and nothing else.

python benchmarks/baseline.py FAISS_FILE MODEL PORT
"""

from __future__ import annotations

import sys

import faiss
import uvicorn
from fastapi import FastAPI
from pydantic import BaseModel
from sentence_transformers import SentenceTransformer


class Question(BaseModel):
    """A question."""

    question: str


def main() -> None:
    """Serve the vectors of a FAISS file on a port."""
    model = SentenceTransformer(sys.argv[2], device="cpu")
    index = faiss.read_index(sys.argv[1])
    app = FastAPI()

    @app.post("/v1/ask")
    def ask(question: Question) -> dict[str, list[float]]:
        scores, ordinals = index.search(model.encode([question.question], normalize_embeddings=True), 10)
        return {"ordinals": ordinals[0].tolist(), "scores": scores[0].tolist()}

    uvicorn.run(app, host="127.0.0.1", port=int(sys.argv[3]), log_level="error", access_log=False)


if __name__ == "__main__":
    main()
