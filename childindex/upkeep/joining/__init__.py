"""Merging two entries of one child, splitting an entry that holds two, and telling whoever saw the mixed one."""
