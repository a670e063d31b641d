"""Text -> vectors: sentence-transformers exports the model once, ONNX Runtime runs it ever after."""

from qa.encoders.onnx import Encoding, OnnxEncoder

__all__ = ["Encoding", "OnnxEncoder"]
