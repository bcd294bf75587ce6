"""Which service is or was involved with which child, since when, as of when, and how to reach it."""
