"""Citewell: questions answered with quotes, each with its place in the source, or not at all."""

import os

# ONNX Runtime reports its use to its maker unless this is set before it is loaded. Every entry point imports this
# package first, and a child process inherits the environment.
os.environ["ORT_DISABLE_TELEMETRY"] = "1"
