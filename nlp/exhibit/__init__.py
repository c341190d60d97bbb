"""HTML or ASCII exhibit to one text made of blocks.

``read_exhibit`` gives an ``ExhibitText``; ``locate`` leads from its characters back to the source's bytes.
"""

from nlp.exhibit.locate import Locator, locate
from nlp.exhibit.read import read_exhibit
from nlp.exhibit.types import Block, BlockKind, ExhibitText

__all__ = ["Block", "BlockKind", "ExhibitText", "Locator", "locate", "read_exhibit"]
