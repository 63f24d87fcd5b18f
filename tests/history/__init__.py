"""The local history."""
