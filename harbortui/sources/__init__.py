"""The console's ways to its backends: calls answer values or typed failures; nothing but declared reads leaves."""
