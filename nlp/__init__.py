"""ex99: what biopharma press releases in SEC filings announce, with whom, and about which drugs."""

__version__ = "0.1.0"
