"""Who must not be found: the guard tables of shielded and sealed children, which only the worker reads."""
