"""A PDF -> a Document: glyphs by where they stand -> strips -> columns -> lines -> paragraphs -> the composer."""

from qa.corpus.pdf.read import read_pdf

__all__ = ["read_pdf"]
