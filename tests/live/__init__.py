"""The console's sources against real servers that the environment names (docs/live.md)."""
