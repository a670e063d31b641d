"""A pipeline -> HTTP. The only home of fastapi."""

from qa.server.app import create_app

__all__ = ["create_app"]
