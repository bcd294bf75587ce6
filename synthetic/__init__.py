"""Made-up children, statistically like England's, and the files their suppliers would deliver, with the truth known.

Shares no code with the matcher, so that what it finds is a fair test. `generate` writes everything; `demo_picks` names children worth looking for.
"""

from synthetic.generate import Summary, generate
from synthetic.picks import Pick, demo_picks

__all__ = ["Pick", "Summary", "demo_picks", "generate"]
