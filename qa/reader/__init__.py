"""Judge how well passages, and their sentences, answer a question."""

from qa.reader.onnx import Judged, Reader, ToRead

__all__ = ["Judged", "Reader", "ToRead"]
