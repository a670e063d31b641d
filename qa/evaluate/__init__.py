"""A question set and a service -> figures, a report to read, and files that other tools can score."""
