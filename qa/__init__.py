"""Citewell: questions answered with quotes, each with its place in the source, or not at all."""
