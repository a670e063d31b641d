"""Flags, environment, qa.toml -> one typed settings object, read once at the edge."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping
from contextlib import suppress
from ipaddress import ip_address
from pathlib import Path
from typing import Annotated
from urllib.parse import urlsplit

from pydantic import AfterValidator, BeforeValidator, Field, ValidationError
from pydantic_settings import (
    BaseSettings,
    NoDecode,
    PydanticBaseSettingsSource,
    SettingsConfigDict,
    TomlConfigSettingsSource,
)

from qa.errors import SettingsError
from qa.models import PACKAGED

_FILE, _PREFIX = "qa.toml", "QA_"


_HOST = re.compile(r"[a-z0-9]([a-z0-9._-]*[a-z0-9])?|\[[0-9a-f:.]+\]")
_DEFAULT_PORTS = {"http": 80, "https": 443}


def _listed(value: object) -> object:
    """Read the parts of an environment variable, which stand between commas."""
    return [part.strip() for part in value.split(",") if part.strip()] if isinstance(value, str) else value


def _origin(value: str) -> str:
    """Return an origin as browsers send it: in lower case, and without the port that its scheme implies.

    :raises ValueError: if it is none.
    """
    if value == "*":
        return value
    wrong = ValueError(f"{value!r} is no origin; expected scheme://host[:port], such as https://www.example.org, or *")
    try:
        parts = urlsplit(value.lower())
        port = parts.port
    except ValueError:
        raise wrong from None
    host = parts.netloc.removesuffix(f":{port}")
    if (
        parts.scheme not in _DEFAULT_PORTS
        or not _HOST.fullmatch(host)
        or value.lower() != f"{parts.scheme}://{parts.netloc}"
    ):
        raise wrong
    return (
        f"{parts.scheme}://{host}"
        if port in {None, _DEFAULT_PORTS[parts.scheme]}
        else f"{parts.scheme}://{host}:{port}"
    )


def _origins(values: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(map(_origin, values))


def _served(value: str) -> str:
    """Return a host as it is compared with the header Host: in lower case, without the dot of the root or brackets.

    :raises ValueError: if it is none.
    """
    name = value.lower().removesuffix(".")
    with suppress(ValueError):
        return str(ip_address(name.removeprefix("[").removesuffix("]")))
    if name != "*" and ("[" in name or not _HOST.fullmatch(name.removeprefix("*."))):
        raise ValueError(
            f"{value!r} is no host; expected a name or an address without scheme, port and path, "
            "such as qa.example.org, *.example.org or *"
        )
    return name


def _hosts(values: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(map(_served, values))


class Settings(BaseSettings):
    """What can be set, as ``QA_<NAME>`` in the environment or ``<name>`` in ``qa.toml``.

    A flag goes before the environment, the environment before ``qa.toml``, that before the default.
    """

    # An empty variable is how a compose file says "not set".
    model_config = SettingsConfigDict(
        env_prefix=_PREFIX, env_ignore_empty=True, toml_file=_FILE, extra="forbid", frozen=True
    )

    corpus: Annotated[Path, Field(description="The folder or file with the documents.")] = Path("corpus")
    index: Annotated[Path, Field(description="The folder of the built index.")] = Path("index")
    encoder: Annotated[str, Field(description="The packaged encoder, or a sentence-transformers model's folder.")] = (
        PACKAGED
    )
    reranker: Annotated[
        str,
        Field(description="The packaged reader, none, or a CrossEncoder's folder or name on the hub."),
    ] = PACKAGED
    max_bytes: Annotated[int, Field(gt=0, description="The largest document that is read, in bytes.")] = 50_000_000
    read_seconds: Annotated[
        float,
        Field(
            gt=0,
            allow_inf_nan=False,
            description="The most processor time that 5 MB of a document may take, in seconds.",
        ),
    ] = 60
    read_memory: Annotated[
        int, Field(gt=0, description="The most memory that reading a document may take, in bytes.")
    ] = 2_000_000_000
    exclude: Annotated[
        tuple[str, ...],
        NoDecode,
        BeforeValidator(_listed),
        Field(description="Patterns of paths in the folder that are not read, such as drafts or *.old.md."),
    ] = ()
    host: Annotated[str, Field(description="The address to listen on.")] = "127.0.0.1"
    port: Annotated[int, Field(ge=0, le=65_535, description="The port to listen on; 0 takes a free one.")] = 8000
    hosts: Annotated[
        tuple[str, ...],
        NoDecode,
        BeforeValidator(_listed),
        AfterValidator(_hosts),
        Field(description="Hosts that are answered to, besides the loopback and the address listened on."),
    ] = ()
    origins: Annotated[
        tuple[str, ...],
        NoDecode,
        BeforeValidator(_listed),
        AfterValidator(_origins),
        Field(description="Origins whose pages may ask, besides the service's own, such as https://www.example.org."),
    ] = ()
    feedback: Annotated[Path | None, Field(description="The file that verdicts on answers are added to.")] = None
    concurrency: Annotated[
        int | None, Field(gt=0, description="Requests in work at once; by default one for each core.")
    ] = None
    queue: Annotated[
        int | None, Field(ge=0, description="Requests that may wait; by default 32 for each that is in work.")
    ] = None
    connections: Annotated[
        int | None, Field(gt=0, description="Open connections at most; by default as many as descriptors allow.")
    ] = None
    grace: Annotated[
        float, Field(ge=0, description="Seconds for requests that still wait when the service is stopped.")
    ] = 10.0
    threads: Annotated[
        int, Field(ge=0, description="Threads for encoding one question; 0 leaves it to the runtime.")
    ] = 1
    threshold: Annotated[
        float | None, Field(ge=0, le=1, description="The least probability at which passages are shown.")
    ] = None

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,
        dotenv_settings: PydanticBaseSettingsSource,  # noqa: ARG003 - the signature is pydantic's
        file_secret_settings: PydanticBaseSettingsSource,  # noqa: ARG003
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        """Read flags, then the environment, then qa.toml in the working directory."""
        return (init_settings, env_settings, TomlConfigSettingsSource(settings_cls))


def load(**flags: object) -> Settings:
    """Return the settings; flags that are None were not given.

    :raises SettingsError: naming each setting that cannot be understood.
    """
    given = {name: value for name, value in flags.items() if value is not None}
    try:
        return Settings(**given)  # type: ignore[arg-type]
    except ValidationError as error:
        faults = "; ".join(f"{'.'.join(map(str, fault['loc']))}: {fault['msg']}" for fault in error.errors())
        names = ", ".join(Settings.model_fields)
        raise SettingsError(f"Settings that cannot be understood: {faults}. The settings are {names}.") from error
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise SettingsError(f"{_FILE} cannot be read: {error}. Mend it, or move it away.") from error


def unknown(environment: Mapping[str, str]) -> list[str]:
    """Return the variables that look like settings and are none: misspelt, or another program's."""
    known = {f"{_PREFIX}{name}".upper() for name in Settings.model_fields}
    named = (name for name, value in environment.items() if value and name.upper().startswith(_PREFIX))
    return sorted(name for name in named if name.upper() not in known)
