"""Score how well passages answer a question with the reranker that an index was built with."""

from qa.rerankers.onnx import NONE, Reranker

__all__ = ["NONE", "Reranker"]
