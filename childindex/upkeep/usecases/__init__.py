"""Keeping an entry right, one file for each thing that is kept."""
