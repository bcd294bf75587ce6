"""Are two records the same child? The engine compares and decides from values alone; every decision is kept and reversible."""
