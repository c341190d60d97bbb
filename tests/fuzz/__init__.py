"""Fuzzing of all that reads filings; outside CI: ``python -m tests.fuzz --minutes 30`` (needs ``pip install atheris``)."""
