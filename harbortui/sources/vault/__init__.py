"""Vault: one owner logs in and renews, everyone else reads secrets through it."""
