"""How long work tells how far it is."""

from collections.abc import Callable

# Called with the stage's name, what is done and the total.
Progress = Callable[[str, int, int], None]
