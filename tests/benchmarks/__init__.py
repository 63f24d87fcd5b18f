"""Budgets, measured as ratios within one run: ``make bench``. Nothing here runs in ``make test``."""
