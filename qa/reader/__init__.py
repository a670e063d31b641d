"""Judge how well passages, and their sentences, answer a question."""

from qa.reader.onnx import CARD_FILE, Judged, Reader, ToRead

__all__ = ["CARD_FILE", "Judged", "Reader", "ToRead"]
