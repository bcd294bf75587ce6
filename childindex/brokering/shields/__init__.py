"""What becomes of a shield, step by step: asked for, put on, decided by two, reviewed, appealed, lifted. The worker's alone."""
