"""Journeys of people in a real browser, on a real demo; a page passed in any of them has no accessibility violation."""
