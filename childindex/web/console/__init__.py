"""Pages for management teams: their colleagues' access."""
