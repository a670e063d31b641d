"""A pipeline -> HTTP. The only home of fastapi."""

from qa.server.app import create_app
from qa.server.feedback import FeedbackFile
from qa.server.service import Service
from qa.server.workers import Workers

__all__ = ["FeedbackFile", "Service", "Workers", "create_app"]
