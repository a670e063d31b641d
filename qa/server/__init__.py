"""A pipeline -> HTTP. The only home of fastapi."""

from qa.server.app import create_app
from qa.server.feedback import FeedbackFile

__all__ = ["FeedbackFile", "create_app"]
