"""From what the sources answered to checks; pure functions, one file per system."""
