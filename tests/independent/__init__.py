"""The console's sources against servers that nobody here wrote."""
