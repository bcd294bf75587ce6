"""How often the automatic decisions are wrong: weekly samples that people judge without knowing what was decided, and what they tell."""
