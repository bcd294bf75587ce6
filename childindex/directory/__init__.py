"""Organisations, services, areas and suppliers that exist, and how to reach them. Knows no people and no child."""
