"""Turn text into vectors with ONNX Runtime: the packaged encoder, or an exported sentence-transformers model."""

from qa.encoders.onnx import Encoding, OnnxEncoder

__all__ = ["Encoding", "OnnxEncoder"]
