"""Parse the YAML or TOML of a front matter into a table of fields, in time and memory proportional to its length."""

from __future__ import annotations

import re
import tomllib
from typing import Any, NoReturn

import yaml

MOST_CHARACTERS = 1_000_000
_DEEPEST = 20
_MOST_PARTS = 500  # of a dotted key in TOML; tomllib needs time in their square
_PLAIN = frozenset({None, "!", "tag:yaml.org,2002:str"})
# Numbers stay as they are written. What is no text is told apart, so that it can be refused where a text is expected.
_RESOLVED = frozenset({"null", "bool", "timestamp"})


class FieldsError(ValueError):
    """The source of a front matter is broken, or would unpack to more than is written there."""


def parse_yaml(source: str) -> object:
    """Parse YAML without what can repeat or nest itself: anchors, aliases, merge keys, types, deep nesting.

    Every key is the text that is written. A value is a list, a table, a text, a date, a bool or None.

    :param source: the YAML, at most ``MOST_CHARACTERS`` long.
    :raises FieldsError: when it is broken, too long, or holds any of these.
    """
    _check_length(source)
    try:
        return _Loader(source).get_single_data()
    except (yaml.YAMLError, ValueError, RecursionError) as error:
        raise FieldsError(" ".join(str(error).split())) from error


def parse_toml(source: str) -> dict[str, Any]:
    """Parse TOML.

    :param source: the TOML, at most ``MOST_CHARACTERS`` long.
    :raises FieldsError: when it is broken, too long, or nested too deep.
    """
    _check_length(source)
    if any(part.count(".") > _MOST_PARTS for part in re.split(r"[\n=,{\[]", source)):
        raise FieldsError("a key in it is nested too deep")
    try:
        return tomllib.loads(source)
    except RecursionError as error:
        raise FieldsError("it is nested too deep") from error
    except ValueError as error:
        raise FieldsError(" ".join(str(error).split())) from error


def _check_length(source: str) -> None:
    if len(source) > MOST_CHARACTERS:
        raise FieldsError(f"it has {len(source):,} characters; the limit is {MOST_CHARACTERS:,}")


class _Loader(yaml.SafeLoader):
    """PyYAML's safe loader, which refuses a node as it is composed, before anything is made of it."""

    yaml_implicit_resolvers = {  # noqa: RUF012 -- PyYAML's own name and type
        first: [(tag, pattern) for tag, pattern in resolvers if tag.rpartition(":")[2] in _RESOLVED]
        for first, resolvers in yaml.SafeLoader.yaml_implicit_resolvers.items()
    }

    def __init__(self, source: str) -> None:
        super().__init__(source)
        self._depth = 0

    def compose_node(self, parent: yaml.Node | None, index: Any) -> yaml.Node | None:
        """Compose a node, unless it is one that is refused."""
        event: Any = self.peek_event()  # type: ignore[no-untyped-call]
        if isinstance(event, yaml.AliasEvent) or event.anchor is not None:
            _refuse("it has an anchor (&) or an alias (*)", event)
        if event.tag not in _PLAIN:
            _refuse("it gives a value a type (!!)", event)
        if self._depth >= _DEEPEST:
            _refuse(f"it is nested more than {_DEEPEST} deep", event)
        self._depth += 1
        node: yaml.Node | None = super().compose_node(parent, index)
        self._depth -= 1
        return node

    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict[str, Any]:  # type: ignore[override]  # noqa: FBT001, FBT002 -- PyYAML's signature
        """Make a table whose keys are what is written, each once."""
        table: dict[str, Any] = {}
        for key, value in node.value:
            if not isinstance(key, yaml.ScalarNode):
                _refuse("it has a key that is not a word", key)
            if key.value == "<<" and key.style is None:
                _refuse("it has a merge key (<<)", key)
            if key.value in table:
                _refuse(f'it has "{key.value}" twice', key)
            table[key.value] = self.construct_object(value, deep=deep)
        return table

    def flatten_mapping(self, node: yaml.MappingNode) -> None:
        """Leave a mapping as it is: a merge key is refused."""


def _refuse(reason: str, place: Any) -> NoReturn:
    raise FieldsError(f"{reason}, in line {place.start_mark.line + 2}")  # the first line is that of the dashes
