"""The trial as one page: no scripts, nothing fetched, a table beside each chart."""
