"""An index and questions -> the calibration of its scope gate: the shipped one, refined by what the corpus shows."""

from qa.calibrate.corpus import by_corpus
from qa.calibrate.labels import Calibrated, Labelled, Outcome, by_labels

__all__ = ["Calibrated", "Labelled", "Outcome", "by_corpus", "by_labels"]
