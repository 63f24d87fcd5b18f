"""Nomad: declared reads, decoding by allow-list, log and event streams."""
